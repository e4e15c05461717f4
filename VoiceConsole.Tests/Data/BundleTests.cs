using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Data;

namespace VoiceConsole.Tests.Data;

public sealed class BundleTests : IAsyncLifetime
{
    private readonly Guid _id = Guid.NewGuid();
    private StoredConsole _console = null!;

    public async ValueTask InitializeAsync() => _console = await StoredConsole.StartAsync();

    public ValueTask DisposeAsync() => _console.DisposeAsync();

    [Fact]
    public async Task Exported_AndImportedElsewhere_IsTheSameConversation()
    {
        var id = await _console.StoreRecordedAsync(StoredConsole.Start, [.. SampleConversation.Turn(1, "what is <b>the</b> time --> now"), .. SampleConversation.Turn(2, "怎么样", "interrupted")]);
        var library = _console.Services.GetRequiredService<ConversationLibrary>();
        await library.RateAsync(id, 4);
        await library.TagAsync(id, "demo");
        using var stranger = new HttpClient { BaseAddress = new Uri(_console.Address) };
        using var refused = await stranger.GetAsync($"conversations/{id}/bundle");
        Assert.Equal(System.Net.HttpStatusCode.Forbidden, refused.StatusCode);
        using var http = (await _console.BrowseAsync()).Http;
        var bytes = await http.GetByteArrayAsync($"conversations/{id}/bundle");
        await using var other = await StoredConsole.StartAsync();

        Assert.Equal(id, await ImportAsync(other, bytes));

        var there = (await other.Services.GetRequiredService<ConversationLibrary>().OpenAsync(id))!;
        var here = (await library.OpenAsync(id))!;
        Assert.Equal(here.Turns.Select(t => (t.Number, t.UserText, t.ReplyText, t.HeardText, t.Outcome, t.VoiceToVoiceMs)), there.Turns.Select(t => (t.Number, t.UserText, t.ReplyText, t.HeardText, t.Outcome, t.VoiceToVoiceMs)));
        Assert.Equal(here.Events.Select(e => StoredEvent.ToJson(e)), there.Events.Select(e => StoredEvent.ToJson(e)));
        Assert.Equal((4, "demo", "stopped"), (there.Row.Rating, there.Row.Tags.Single().Tag, there.Row.EndReason));
        Assert.Single(await other.Services.GetRequiredService<ConversationLibrary>().FindAsync(new LibraryFilter { Text = "怎么" }));
        foreach (var track in Bundle.Tracks)
            Assert.Equal(Sound(_console, here, track), Sound(other, there, track));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(other.Paths.Data, BundleFolder.Name)));

        var again = await Assert.ThrowsAsync<BundleException>(() => ImportAsync(other, bytes));
        Assert.Contains("is in the library already", again.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Transcripts_OfABundle_AreReadableAndKeepStrangersWordsInert()
    {
        var id = await _console.StoreAsync(StoredConsole.Start, SampleConversation.Turn(1, "# <img src=x> [a](b)\n\n1 --> 2"));
        using var http = (await _console.BrowseAsync()).Http;
        using var zip = new ZipArchive(new MemoryStream(await http.GetByteArrayAsync($"conversations/{id}/bundle")));

        Assert.Equal("1\n00:00:06,250 --> 00:00:06,750\nYou: # <img src=x> [a](b) 1 → 2\n\n2\n00:00:07,450 --> 00:00:07,950\nConsole: Good\n\n", Text(Bundle.TranscriptSubtitles));
        Assert.Contains("**You:** \\# &lt;img src\\=x&gt; \\[a\\]\\(b\\) 1 → 2\n", Text(Bundle.TranscriptMarkdown), StringComparison.Ordinal);
        Assert.Contains("*Heard:* Good\n", Text(Bundle.TranscriptMarkdown), StringComparison.Ordinal);
        using var line = JsonDocument.Parse(Text(Bundle.TranscriptLines));
        Assert.Equal((1, 6.25, "Good"), (line.RootElement.GetProperty("turn").GetInt32(), line.RootElement.GetProperty("start").GetDouble(), line.RootElement.GetProperty("heard").GetString()));

        string Text(string name)
        {
            using var reader = new StreamReader(zip.GetEntry(name)!.Open());
            return reader.ReadToEnd();
        }
    }

    public static TheoryData<string, string> Hostile => new()
    {
        { "../evil.txt", "'../evil.txt', which is no part of a conversation" },
        { "/etc/passwd", "'/etc/passwd', which is no part" },
        { "tracks/../../x.wav", "which is no part" },
        { "twice", "holds manifest.json twice" },
        { "no manifest", "has no manifest.json" },
        { "no events", "has no events.jsonl" },
        { "other format", "does not say that this is a conversation" },
        { "newer", "is of version 2" },
        { "manifest bomb", "manifest.json unpacks to more than" },
        { "event bomb", "events.jsonl unpacks to more than" },
        { "long line", "more than 1,000,000 characters" },
        { "no event", "Line 2 of events.jsonl is no event" },
        { "no start", "does not begin with the conversation's start" },
        { "far away", "outside the 24 hours" },
        { "lying rate", "claims 5 samples a second" },
        { "another conversation", "speak of different conversations" },
        { "track bomb", "tracks/microphone.wav unpacks to more than" },
        { "track no sound", "is not a WAV file" },
        { "track lying rate", "they cannot lie on one clock" },
        { "many entries", "list of contents is far longer" },
        { "no zip", "is no zip archive" },
        { "cut off", "is no zip archive, or was cut off" },
        { "damaged", "damaged" },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public async Task Bundle_ThatIsHostile_IsRefusedWithTheReason_AndNothingIsKept(string what, string reason)
    {
        var error = await Assert.ThrowsAsync<BundleException>(() => ImportAsync(_console, Made(what)));

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        await using var context = _console.Database.CreateDbContext();
        Assert.Equal((0, 0), (await context.Conversations.CountAsync(), await context.Events.CountAsync()));
        var imports = Path.Combine(_console.Paths.Data, BundleFolder.Name);
        Assert.Empty(Directory.Exists(imports) ? Directory.GetFileSystemEntries(imports) : []);
        Assert.False(Directory.Exists(Path.Combine(_console.Paths.Data, "recordings")));
    }

    [Fact]
    public async Task Bundle_WhoseTrackClaimsMoreThanThereIs_IsReadAsFarAsItGoes()
    {
        Assert.Equal(_id, await ImportAsync(_console, Made("track lying length")));
        var stored = (await _console.Services.GetRequiredService<ConversationLibrary>().OpenAsync(_id))!;
        Assert.Equal(100, Sound(_console, stored, TrackRecorder.Microphone).Length);
        Assert.Equal("the bundle ends here", stored.Row.EndReason);
    }

    // What a conversation of a day would be allowed: sixteen thousand zeros are some bytes in a zip file.
    [Fact]
    public async Task Track_ThatUnpacksToMoreThanThereIsRoomFor_IsRefusedBeforeAByteIsWritten()
    {
        using var folder = new TempFolder();
        using var memory = new MemoryStream();
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var entry = zip.CreateEntry("tracks/microphone.wav").Open();
            entry.Write(new byte[32_000]);
        }

        using var bundle = new ZipArchive(memory, ZipArchiveMode.Read);
        var facts = new BundleFacts();
        facts.Add(SampleConversation.Started(_id, StoredConsole.Start));
        facts.Add(new ConversationEnded(23 * 3600 * 16_000L, "stopped"));

        var error = await Assert.ThrowsAsync<BundleException>(() => BundleTracks.TakeAsync(bundle.Entries[0], folder / "microphone.wav", facts, 60_000, TestContext.Current.CancellationToken));

        Assert.Contains("for which there is no room", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    private byte[] Made(string what)
    {
        if (what == "no zip")
            return Encoding.UTF8.GetBytes("this is no zip archive at all");
        var started = SampleConversation.Started(what == "another conversation" ? Guid.NewGuid() : _id, StoredConsole.Start) with { SampleRate = what == "lying rate" ? 5 : 16_000 };
        var memory = new MemoryStream();
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            if (what != "no manifest")
                Add(zip, Bundle.ManifestName, what == "manifest bomb" ? new string(' ', 100_000)
                    : JsonSerializer.Serialize(new BundleManifest(what == "other format" ? "?" : BundleManifest.TheFormat, what == "newer" ? 2 : 1, _id, 9, ["ok", "", new string('x', 999)]), Bundle.Json));
            if (what == "twice")
                Add(zip, Bundle.ManifestName, "{}");
            if (what != "no events")
                Add(zip, Bundle.EventsName, what switch
                {
                    "event bomb" => new string('\n', 3_000_000),
                    "long line" => new string('x', 1_100_000) + Guid.NewGuid() + string.Concat(Enumerable.Range(0, 2000).Select(i => Guid.NewGuid())),
                    "no event" => Lines(started) + "{\"type\":\"Unknown\"}\n",
                    "no start" => Lines(new ConversationEnded(0, "x")),
                    "far away" => Lines(started, new TextTyped(new TurnId(1), long.MaxValue, "x")),
                    _ => Lines([started, .. SampleConversation.Turn(1)]),
                });
            switch (what)
            {
                case "track bomb":
                    Add(zip, "tracks/microphone.wav", new byte[40_000_000]);
                    break;
                case "track no sound":
                    Add(zip, "tracks/microphone.wav", "no sound");
                    break;
                case "track lying rate" or "track lying length":
                    var track = new MemoryStream();
                    using (var writer = new WavWriter(track, what == "track lying rate" ? 8000 : 16_000))
                        writer.Write(new float[100]);
                    var wav = track.ToArray();
                    if (what == "track lying length")
                        BitConverter.TryWriteBytes(wav.AsSpan(40), uint.MaxValue);
                    Add(zip, "tracks/microphone.wav", wav);
                    break;
                case "many entries":
                    for (var i = 0; i < 2000; i++)
                        Add(zip, $"x{i}", "");
                    break;
                default:
                    if (what.Contains('/', StringComparison.Ordinal))
                        Add(zip, what, "evil");
                    break;
            }
        }

        var bytes = memory.ToArray();
        if (what == "damaged")
            bytes.AsSpan(30, 60).Fill(0xff);
        return what == "cut off" ? bytes[..^30] : bytes;
    }

    private static string Lines(params TurnEvent[] events) => string.Concat(events.Select(e => StoredEvent.ToJson(e) + "\n"));

    private static void Add(ZipArchive zip, string name, string text) => Add(zip, name, Encoding.UTF8.GetBytes(text));

    private static void Add(ZipArchive zip, string name, byte[] bytes)
    {
        using var stream = zip.CreateEntry(name).Open();
        stream.Write(bytes);
    }

    private static async Task<Guid> ImportAsync(StoredConsole console, byte[] bundle) =>
        await console.Services.GetRequiredService<BundleReader>().ImportAsync(new MemoryStream(bundle));

    private static short[] Sound(StoredConsole console, StoredConversation conversation, string track)
    {
        var bytes = File.ReadAllBytes(Path.Combine(RecordingFolder.Own(console.Paths, conversation.Row.Recording)!, track));
        return System.Runtime.InteropServices.MemoryMarshal.Cast<byte, short>(bytes.AsSpan(44)).ToArray();
    }
}
