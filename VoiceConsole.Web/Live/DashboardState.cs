using System.Collections.Immutable;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Engine.Models;
using VoiceConsole.Engine.Telemetry;

namespace VoiceConsole.Web.Live;

/// <summary>
/// Follows the current conversation's events and keeps what pages show of it: bounded, and read as an immutable snapshot.
/// Lags rather than slows the conversation. Thread-safe.
/// </summary>
internal sealed class DashboardState(LiveSignal signal, ILogger<DashboardState>? logger = null) : IDisposable
{
    public const int MaxMessages = 200;

    // From here on a character is about a word.
    private const char Ideographs = '\u2e80';

    private const int MaxVerdicts = 50;
    private const int MaxDegraded = 8;
    private const int QueueCapacity = 4_096;

    /// <summary>A reply longer than this is cut on the page; storage keeps all of it.</summary>
    private const int MaxReplyCharacters = 50_000;

    private readonly Lock _lock = new();
    private readonly List<TurnEvent> _marks = [];
    private EventSubscription? _subscription;
    private LiveSnapshot _snapshot = LiveSnapshot.Empty;

    public LiveSnapshot Snapshot => Volatile.Read(ref _snapshot);

    /// <summary>Forgets the conversation before and follows this one.</summary>
    public void Follow(TurnEventBus events)
    {
        var subscription = events.SubscribeLatest(QueueCapacity);
        lock (_lock)
        {
            _subscription?.Dispose();
            _subscription = subscription;
            _marks.Clear();
            Volatile.Write(ref _snapshot, LiveSnapshot.Empty);
        }

        signal.Notify();
        _ = PumpAsync(subscription);
    }

    public void Dispose()
    {
        lock (_lock)
            _subscription?.Dispose();
    }

    private async Task PumpAsync(EventSubscription subscription)
    {
        while (await subscription.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            lock (_lock)
            {
                if (_subscription != subscription)
                    return;
                var next = _snapshot;
                while (subscription.Reader.TryRead(out var turnEvent))
                    next = Try(next, turnEvent);
                Volatile.Write(ref _snapshot, next with { Lost = subscription.Dropped });
            }

            signal.Notify();
        }
    }

    // One event that makes no sense must not freeze every page.
    private LiveSnapshot Try(LiveSnapshot s, TurnEvent turnEvent)
    {
        try
        {
            return Apply(s, turnEvent);
        }
        catch (Exception error)
        {
            logger?.LogError(error, "The pages could not take in {Event}.", turnEvent.GetType().Name);
            return s;
        }
    }

    private LiveSnapshot Apply(LiveSnapshot s, TurnEvent turnEvent)
    {
        Mark(turnEvent);
        switch (turnEvent)
        {
            case ConversationStarted e:
                return s with { Started = e };
            case ConversationEnded e:
                return s with { EndReason = e.Reason, Partial = "" };
            case SpeechStarted:
                return s with { Partial = "" };
            case TranscriptChanged e:
                return s with { Partial = e.Text };
            case TranscriptCompleted e:
                return Change(s, e.Turn, m => m with { User = e.Text }) with { Partial = "" };
            case TextTyped e:
                return Change(s, e.Turn, m => m with { User = e.Text, Typed = true });
            case TurnDropped e:
                return Change(s, e.Turn, m => m with { DroppedBecause = e.Reason }) with { Partial = "" };
            case TokenGenerated e:
                return Change(s, e.Turn, m => m.Reply.Length >= MaxReplyCharacters ? m : m with { Reply = m.Reply + e.Text });
            case SentenceCompleted e:
                // A sentence that no token brought is the console's own, such as an apology.
                return Change(s, e.Turn, m => e.TextStart < m.Reply.Length ? m : m with { Reply = m.Reply.PadRight(Math.Min(e.TextStart, MaxReplyCharacters)) + e.Text });
            case WordHeard e:
                return Change(s, e.Turn, m => Speaking(m with { HeardEnd = Math.Max(m.HeardEnd, e.TextStart + e.TextLength) }));
            case PlaybackStarted e:
                return (s.Messages.Any(m => m.Turn == e.Turn) ? Change(s, e.Turn, Speaking) : s) with { LastTimeline = TurnTimeline.From(_marks, e.Turn, s.Started?.SampleRate ?? 16_000) ?? s.LastTimeline };
            case PlaybackFinished e:
                return Change(s, e.Turn, m => m with { Interrupted = m.Interrupted || e.Interrupted, HeardEnd = e.Interrupted ? m.HeardEnd : m.Reply.Length, Word = null });
            case TurnInterrupted e:
                return Change(s, e.Turn, m => m with { Interrupted = true, Word = null });
            case TurnFailed e when e.Turn == TurnId.None:
                return Degrade(s, $"{e.Stage}: {e.Error}", e.Remedy);
            case TurnFailed e:
                return Change(s, e.Turn, m => m with { Failure = new LiveProblem($"{e.Stage}: {e.Error}", e.Remedy) });
            case TurnCompleted e:
                return s.Messages.Any(m => m.Turn == e.Turn) ? Change(s, e.Turn, m => m with { Outcome = e.Outcome, Word = null }) : s;
            case GenerationRetried e:
                return Degrade(s, $"The language model failed ({e.Error}); asking {e.Model}.", "Check the model or its server; a fallback can be given with --fallback-llm.");
            case VerdictReached e:
                return s with { Verdicts = Bounded(s.Verdicts.Add(e), MaxVerdicts) };
            case HalfDuplexChanged e:
                return s with { HalfDuplex = e };
            case EchoPathMeasured e:
                return s with { Path = e };
            case EngineSwapped e:
                return s with { Started = s.Started is { } started ? Swapped(started, e) : null };
            case EngineSwapFailed e:
                return Degrade(s, $"{e.To} could not take over from {e.From}: {e.Error}", e.Remedy);
            case DeviceChanged e:
                return s with { Device = e };
            default:
                return s;
        }
    }

    /// <summary>The word of a reply at or after a place, up to the next space, or one character of Chinese; null where only marks are left.</summary>
    internal static (int Start, int Length)? NextWord(string reply, int from)
    {
        var start = Math.Max(0, from);
        while (start < reply.Length && !char.IsLetterOrDigit(reply[start]))
            start++;
        if (start >= reply.Length)
            return null;
        var end = start + 1;
        while (reply[start] < Ideographs && end < reply.Length && reply[end] < Ideographs && (char.IsLetterOrDigit(reply[end]) || reply[end] is '\'' or '’' or '-'))
            end++;
        return (start, end - start);
    }

    // What was heard was heard to its end: what sounds now is the word after it.
    private static LiveMessage Speaking(LiveMessage message) => message with { Word = NextWord(message.Reply, message.HeardEnd) };

    private static LiveSnapshot Change(LiveSnapshot s, TurnId turn, Func<LiveMessage, LiveMessage> change)
    {
        // The turn is nearly always among the last.
        var at = s.Messages.FindLastIndex(m => m.Turn == turn);
        return s with
        {
            Messages = at >= 0
                ? s.Messages.SetItem(at, change(s.Messages[at]))
                : Bounded(s.Messages.Add(change(new LiveMessage(turn))), MaxMessages),
        };
    }

    private static ConversationStarted Swapped(ConversationStarted started, EngineSwapped swap) => Enum.Parse<EngineKind>(swap.Kind) switch
    {
        EngineKind.Recognizer => started with { Recognizer = swap.To },
        EngineKind.LanguageModel => started with { Model = swap.To },
        _ => started with { Voice = swap.To },
    };

    private static LiveSnapshot Degrade(LiveSnapshot s, string what, string remedy)
    {
        var problem = new LiveProblem(what, remedy);
        return s with { Degraded = Bounded(s.Degraded.Remove(problem).Add(problem), MaxDegraded) };
    }

    private static ImmutableList<T> Bounded<T>(ImmutableList<T> list, int most) =>
        list.Count > most ? list.RemoveRange(0, list.Count - most) : list;

    // Keeps only what a timeline needs, of the last few turns.
    private void Mark(TurnEvent e)
    {
        var needed = e is SpeechEnded or TextTyped or TranscriptCompleted or PlaybackStarted or TokenGenerated { Index: 0 }
            or SentenceCompleted { Index: 0 } or SpeechSynthesized { Index: 0, Part: 0 };
        if (!needed)
            return;
        _marks.Add(e);
        if (_marks.Count > 64)
            _marks.RemoveRange(0, 16);
    }
}
