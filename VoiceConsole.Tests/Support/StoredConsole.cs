using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Tests.Data;
using VoiceConsole.Web.Data;
using VoiceConsole.Web.Live;
using static Microsoft.Playwright.Assertions;

namespace VoiceConsole.Tests.Support;

/// <summary>The console's pages over a library of the test's own.</summary>
internal sealed class StoredConsole : IAsyncDisposable
{
    /// <summary>When the first sample conversation began.</summary>
    public static readonly DateTimeOffset Start = new(2026, 11, 20, 9, 30, 0, TimeSpan.Zero);

    private readonly TempFolder _folder = new();
    private readonly WebApplication _app;
    private readonly List<IPage> _pages = [];

    private StoredConsole(Func<ConsolePaths, IConversation> create) => _app = ConsoleHost.Build(new ConsoleHostOptions { Port = 0 }, services =>
    {
        services.AddSingleton(Paths);
        services.AddSingleton<IConversationFactory>(new FakeConversationFactory(() => create(Paths)));
        services.AddHostedService<StorageService>();
    });

    /// <summary>Data of its own, and the parts of all.</summary>
    public ConsolePaths Paths => field ??= new ConsolePaths(_folder / "data", ConsolePaths.Find().Models);

    public string Address => _app.Urls.First();

    public IServiceProvider Services => _app.Services;

    public Database Database => Services.GetRequiredService<ConversationStorage>().Database!;

    /// <param name="create">Makes the conversations that are started on the Live page; null for some that do nothing.</param>
    public static async Task<StoredConsole> StartAsync(Func<ConsolePaths, IConversation>? create = null)
    {
        var console = new StoredConsole(create ?? (_ => new FakeConversation()));
        await console._app.StartAsync();
        return console;
    }

    /// <summary>Stores a conversation that has ended.</summary>
    public async Task<Guid> StoreAsync(DateTimeOffset at, params TurnEvent[] events)
    {
        var id = Guid.NewGuid();
        await SampleConversation.StoreAsync(Database, id, at, null, events);
        return id;
    }

    /// <summary>Stores one with its three tracks: a tone of the user's and one of the reply's where the turns say so.</summary>
    public async Task<Guid> StoreRecordedAsync(DateTimeOffset at, params TurnEvent[] events)
    {
        var id = Guid.NewGuid();
        var folder = Path.Combine(Paths.Data, "recordings", id.ToString("N"));
        using (var recorder = new TrackRecorder(folder, AudioFormat.Engine, 0, inline: true))
        {
            var size = AudioFormat.Engine.FrameSamples;
            var (user, reply, silence) = (Tone(size, 220, 0.5f), Tone(size, 440, 0.3f), new float[size]);
            for (long position = 0; position < 900_000; position += size)
            {
                var speaks = events.OfType<SpeechEnded>().Any(e => position >= e.LastSpeechPosition - 8000 && position < e.LastSpeechPosition);
                var replies = events.OfType<PlaybackStarted>().Any(e => position >= e.Position && position < e.Position + 16_000);
                recorder.Push(speaks ? user : silence, replies ? reply : silence, speaks ? user : silence, position);
            }
        }

        await SampleConversation.StoreAsync(Database, id, at, folder, events);
        return id;
    }

    /// <summary>Stores a conversation that was really held.</summary>
    public async Task<Guid> StoreHeldAsync(string folder, IReadOnlyList<TurnEvent> events)
    {
        var id = events.OfType<ConversationStarted>().Single().Conversation;
        var bus = new TurnEventBus();
        await using var writer = SampleConversation.Writer(Database);
        var stored = writer.Attach(id, folder, bus);
        foreach (var e in events)
            bus.Publish(e);
        await stored;
        return id;
    }

    /// <summary>A browser that has opened a page, without its screen, and the id that it was given.</summary>
    public async Task<(HttpClient Http, string Id)> BrowseAsync()
    {
        var handler = new SocketsHttpHandler { CookieContainer = new() };
        var http = new HttpClient(handler) { BaseAddress = new Uri(Address) };
        using var page = await http.GetAsync("/");
        return (http, handler.CookieContainer.GetCookies(http.BaseAddress).Single(c => c.Name.StartsWith("voiceconsole-browser", StringComparison.Ordinal)).Value[..32]);
    }

    public async Task<IPage> OpenAsync(Chromium chromium, string path, string heading, int width = 1280, ColorScheme scheme = ColorScheme.Light)
    {
        var page = await chromium.PageAsync(width, scheme: scheme);
        _pages.Add(page);
        await page.GotoAsync(Address + path);
        await Expect(page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = heading, Level = 1 }))
            .ToBeVisibleAsync(new LocatorAssertionsToBeVisibleOptions { Timeout = 30_000 });
        return page;
    }

    public async ValueTask DisposeAsync()
    {
        // A page that still looks on would render what is being taken down.
        foreach (var page in _pages)
            await page.Context.CloseAsync();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _folder.Dispose();
    }

    private static float[] Tone(int samples, double hertz, float level) =>
        [.. Enumerable.Range(0, samples).Select(i => level * (float)Math.Sin(2 * Math.PI * hertz * i / AudioFormat.Engine.SampleRate))];
}
