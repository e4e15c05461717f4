using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Web.Data;

namespace VoiceConsole.Web.Rerun;

/// <summary>
/// Brings into a rerun, each at its moment, what the tracks do not hold: what the user typed and pressed, and which words the
/// loudspeaker was saying, so that the console can still recognise its own. Runs on the conversation's loop.
/// </summary>
internal sealed class StoredUser
{
    private readonly List<(long Position, Action<ConversationSession> Do)> _deeds = [];

    public StoredUser(StoredConversation stored)
    {
        var texts = new Dictionary<TurnId, List<SentenceCompleted>>();
        foreach (var turnEvent in stored.Events)
        {
            switch (turnEvent)
            {
                case SentenceCompleted e when texts.TryGetValue(e.Turn, out var sentences): sentences.Add(e); break;
                case SentenceCompleted e: texts[e.Turn] = [e]; break;
                case TextTyped e: _deeds.Add((e.Position, s => s.Pipeline.Turns.Say(e.Text))); break;
                case TurnInterrupted { By: "button" } e: _deeds.Add((e.Position, s => s.Pipeline.Turns.Interrupt("button"))); break;
                case MicrophoneMuted e: _deeds.Add((e.Position, s => s.Muted = e.IsMuted)); break;
                case HalfDuplexChanged { IsOn: false } e: _deeds.Add((e.Position, s => s.Pipeline.Turns.EndHalfDuplex())); break;
                case WordHeard e when Word(texts.GetValueOrDefault(e.Turn), e) is { Length: > 0 } word: _deeds.Add((e.Position, s => s.Pipeline.Words.Add(word, e.Position))); break;
                default: break;
            }
        }

        // The end of the conversation interrupts as the button does.
        _deeds.Sort((a, b) => a.Position.CompareTo(b.Position));
    }

    /// <summary>To be called before the conversation starts.</summary>
    public void Attach(ConversationSession session) => session.Loop.Post(_ => Follow(session), null);

    private async void Follow(ConversationSession session)
    {
        foreach (var (position, act) in _deeds)
        {
            var ahead = position - session.Clock.Now;
            if (ahead > 0)
                await Task.Delay(TimeSpan.FromSeconds(ahead / (double)session.Clock.SampleRate), session.Loop.Time);
            if (session.State == ConversationState.Ended)
                return;
            act(session);
        }
    }

    private static string? Word(List<SentenceCompleted>? sentences, WordHeard word)
    {
        var sentence = sentences?.FindLast(s => s.TextStart <= word.TextStart);
        var start = word.TextStart - (sentence?.TextStart ?? 0);
        // The events are a stored file's, so their places may lie anywhere.
        return sentence is null || word.TextLength <= 0 || start > sentence.Text.Length - word.TextLength ? null : sentence.Text.Substring(start, word.TextLength);
    }
}
