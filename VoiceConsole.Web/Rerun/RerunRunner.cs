using VoiceConsole.Engine;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Engine.Models;
using VoiceConsole.Web.Data;

namespace VoiceConsole.Web.Rerun;

/// <summary>Holds a stored conversation once more: its microphone and loudspeaker through other engines and options, on virtual time. One at a time.</summary>
internal sealed class RerunRunner(ModelStore store, ConsolePaths paths) : IDisposable
{
    /// <summary>Longer recordings are run up to here; those of too many events up to the last that was read.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(2);

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(200);
    private readonly SemaphoreSlim _one = new(1, 1);

    /// <param name="stored">As the library opens it.</param>
    /// <param name="folder">Its tracks.</param>
    /// <param name="configuration">What it is held with.</param>
    /// <param name="progress">0 to 1; negative while the engines are loaded or another rerun is waited for.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ModelUnavailableException">An engine cannot be had.</exception>
    /// <exception cref="ArgumentException">The configuration makes no sense.</exception>
    /// <exception cref="InvalidDataException">The tracks cannot be used.</exception>
    /// <exception cref="IOException">A track is missing.</exception>
    public async Task<StoredConversation> RunAsync(
        StoredConversation stored, string folder, RerunConfiguration configuration, IProgress<double> progress, CancellationToken cancellationToken)
    {
        progress.Report(-1);
        await _one.WaitAsync(cancellationToken);
        try
        {
            var request = new ConversationRequest
            {
                Device = "tracks",
                Microphone = folder,
                VirtualTime = true,
                Canceller = configuration.Canceller,
                Recognizer = configuration.Recognizer,
                LanguageModel = configuration.Model,
                Voice = configuration.Voice,
                Options = configuration.Options with { Record = false },
            };
            // Loading engines is work, and none of the page's.
            await using var session = await Task.Run(() => new ConversationFactory(store, paths).CreateSessionAsync(request, null, cancellationToken), cancellationToken);
            return await RunAsync(session, stored, progress, cancellationToken);
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private static async Task<StoredConversation> RunAsync(ConversationSession session, StoredConversation stored, IProgress<double> progress, CancellationToken cancellationToken)
    {
        using var subscription = session.Events.SubscribeLossless();
        new StoredUser(stored).Attach(session);
        // Beyond the events that are here nothing could be compared, and what the user did is not known.
        var until = Math.Min(stored.CutAt ?? long.MaxValue, (long)(Longest.TotalSeconds * session.Clock.SampleRate));
        var length = Math.Max(1, Math.Min(stored.Row.EndPosition ?? stored.Events.Select(e => e.Position).DefaultIfEmpty().Max(), until));
        var events = CollectAsync(subscription, until, () => _ = session.StopAsync());
        session.Start();
        await using var stop = cancellationToken.Register(() => _ = session.StopAsync());
        while (!session.Completion.IsCompleted)
        {
            progress.Report(Math.Min(1, session.Clock.Now / (double)length));
            await Task.WhenAny(session.Completion, Task.Delay(s_look, CancellationToken.None));
        }

        await session.Completion;
        cancellationToken.ThrowIfCancellationRequested();
        return new StoredConversation(new ConversationRow { SampleRate = session.Clock.SampleRate }, [], await events);
    }

    private static Task<List<TurnEvent>> CollectAsync(EventSubscription subscription, long until, Action stop) => Task.Run(async () =>
    {
        var kept = new List<TurnEvent>();
        await foreach (var turnEvent in subscription.Reader.ReadAllAsync())
        {
            if (turnEvent.Position > until || kept.Count == StoredConversation.MaxEvents)
                stop();
            else if (!StoredConversation.SmallSteps.Contains(turnEvent.GetType().Name))
                kept.Add(turnEvent);
            if (turnEvent is ConversationEnded)
                break;
        }

        return kept;
    });
}
