using Bunit;
using Microsoft.Extensions.DependencyInjection;
using VoiceConsole.Tests.Data;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Components.Pages;
using VoiceConsole.Web.Data;
using VoiceConsole.Web.Live;

namespace VoiceConsole.Tests.Web;

/// <summary>A Replay page that is left before the outlines of its tracks are there.</summary>
public sealed class ReplayLeavingTests : PieceContext, IAsyncLifetime
{
    private readonly TaskCompletionSource _reading = new(TaskCreationOptions.RunContinuationsAsynchronously), _gaveUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private StoredConsole _console = null!;

    public async ValueTask InitializeAsync()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        _console = await StoredConsole.StartAsync();
        var stored = _console.Services;
        Services.AddSingleton(stored.GetRequiredService<ConversationLibrary>()).AddSingleton(stored.GetRequiredService<ConversationStorage>()).AddSingleton(stored.GetRequiredService<RecordingTickets>())
            .AddSingleton(new PageSession()).AddSingleton(new WaveformCache(ReadUntilCancelled));
    }

    [Fact]
    public async Task PageThatIsLeft_GivesTheReadingOfItsTracksUp()
    {
        var id = await _console.StoreRecordedAsync(StoredConsole.Start, SampleConversation.Turn(1));
        var page = Render<Replay>(p => p.Add(c => c.Id, id));
        await _reading.Task;
        page.WaitForAssertion(() => Assert.Equal(Enumerable.Repeat("being read…", RecordingTickets.Files.Count), page.FindAll(".vc-wave-none").Select(w => w.TextContent)));

        await DisposeComponentsAsync();
        await _gaveUp.Task;
    }

    protected override async ValueTask DisposeAsyncCore()
    {
        await base.DisposeAsyncCore();
        await _console.DisposeAsync();
    }

    // A recording that takes for ever to read.
    private WaveformPeaks ReadUntilCancelled(string path, CancellationToken cancelled)
    {
        _reading.TrySetResult();
        cancelled.WaitHandle.WaitOne();
        _gaveUp.TrySetResult();
        throw new OperationCanceledException(cancelled);
    }
}
