using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Echo;
using VoiceConsole.Engine.Events;
using VoiceConsole.Engine.Language;
using VoiceConsole.Engine.Speech;

namespace VoiceConsole.Engine.Conversation;

/// <summary>
/// The only state machine: which turn is current, and what begins, interrupts and ends it. Belongs to the loop.
/// </summary>
/// <remarks>
/// Barge-in is three idempotent steps: a new turn becomes current, the old one's token is cancelled, its playback is dropped.
/// Nothing waits for an engine to obey: events and sound of a turn that is not current are dropped where they would come out.
/// </remarks>
internal sealed class TurnController
{
    private readonly SampleClock _clock;
    private readonly TurnEventBus _events;
    private readonly AudioHistory _sound;
    private readonly Playback _playback;
    private readonly EngineSlots _engines;
    private readonly ConversationOptions _options;
    private readonly Reply _reply;
    private readonly PlayedWords _played;
    private readonly long _preRoll;
    private Turn? _current;
    private Turn? _last;
    private TurnId _lastId;
    private long _now;
    private bool _listening;

    public TurnController(
        IAudioDevice device, TurnEventBus events, AudioHistory sound, Playback playback,
        EngineSlots engines, ConversationOptions options, EventLoop loop)
    {
        _clock = device.Clock;
        _events = events;
        _sound = sound;
        _playback = playback;
        _engines = engines;
        _options = options;
        _played = playback.Words;
        _preRoll = device.Format.ToSamples(options.PreRoll);
        _reply = new Reply(this, playback, options, device.Format.SampleRate, loop.Work);
        playback.Finished = PlaybackFinished;
    }

    /// <summary>This moment on the sample clock; never goes back.</summary>
    public long Now => _now = Math.Max(_now, _clock.Now);

    /// <summary>Makes the conversation half-duplex when the console keeps answering itself.</summary>
    public LoopBreaker Breaker { get; } = new();

    /// <summary>Called when nothing more of a turn's reply will sound, before the turn ends.</summary>
    public Action<TurnId>? ReplyPlayed { get; init; }

    public SpokenHistory History { get; } = new();

    /// <summary>The turn that is going on, or none.</summary>
    public TurnId CurrentId => _current?.Id ?? TurnId.None;

    public ConversationState State => _current switch
    {
        null => ConversationState.Listening,
        { Phase: TurnPhase.Speech } => ConversationState.UserSpeaking,
        { IsAudible: true } => ConversationState.Speaking,
        _ => ConversationState.Thinking,
    };

    /// <summary>The user's turn is over and nothing has come of it yet.</summary>
    public bool IsPrefilling => _current is { Phase: not TurnPhase.Speech, ReplyText.Length: 0 };

    /// <summary>Completes when the last turn is over.</summary>
    public Task Idle => _last?.Ended ?? Task.CompletedTask;

    public void SpeechStarted(long speechStart)
    {
        var before = _current;
        var turn = Begin("speech");
        // The user went on before the words so far were known: the new utterance takes them in.
        var from = before is { Phase: TurnPhase.Recognition, Speech: { } earlier } ? earlier.Start : speechStart - _preRoll;
        turn.Speech = new SpeechSegment(_sound, Math.Max(from, _sound.Start));
        Publish(turn, new SpeechStarted(turn.Id, Now, speechStart));
        Run(turn, HearAsync);
    }

    /// <summary>
    /// A sound over the reply was too little to stop for, but may have been a word: it is recognised while the reply goes on,
    /// and a stop word stops it.
    /// </summary>
    /// <param name="from">First sample of the sound.</param>
    /// <param name="to">Sample after its last.</param>
    public async void Listen(long from, long to)
    {
        if (_listening || _current is not { IsAudible: true } turn)
            return;
        _listening = true;
        using var use = turn.Engines.Use();
        try
        {
            var sound = new SpeechSegment(_sound, Math.Max(from - _preRoll, _sound.Start));
            sound.Complete(to);
            var recognizer = await turn.Engines.RecognizerAsync(turn.Token);
            await foreach (var transcript in recognizer.RecognizeAsync(sound, turn.Token))
            {
                if (transcript.IsFinal && _current == turn && StopWords.Has(transcript.Text) && !_played.Said(transcript.Text, sound.Start, to))
                    StopFor(transcript, sound, from);
            }
        }
        catch (Exception)
        {
            // The recogniser's troubles are reported where a turn depends on it; here the reply just goes on.
        }
        finally
        {
            _listening = false;
        }
    }

    public void SpeechAdvanced() => _current?.Speech?.Advance();

    public void SpeechEnded(long lastSpeech)
    {
        if (_current is not { Phase: TurnPhase.Speech, Speech: { } speech } turn)
            return;
        turn.Phase = TurnPhase.Recognition;
        Publish(turn, new SpeechEnded(turn.Id, Now, lastSpeech));
        speech.Complete(_sound.End);
    }

    public void Say(string text)
    {
        var turn = Begin("text");
        Publish(turn, new TextTyped(turn.Id, Now, text));
        Run(turn, t => _reply.RunAsync(t, text));
    }

    public void Interrupt(string by)
    {
        if (_current is not { } turn)
            return;
        _current = null;
        turn.Interruption = (by, Now);
        turn.Cancel();
        if (turn.Phase == TurnPhase.Reply)
            _playback.Stop();
        else
            End(turn, Now);
    }

    /// <summary>There will be no further turn: nothing is read ahead for one.</summary>
    public void Close() => _reply.Close();

    /// <summary>Publishes an event of a turn, unless the turn has been cut off or is over.</summary>
    public void Publish(Turn turn, TurnEvent turnEvent)
    {
        if (!turn.IsCancelled && !turn.Ended.IsCompleted)
            _events.Publish(turnEvent);
    }

    public void Fail(Turn turn, string stage, string error, string remedy)
    {
        turn.HasFailed = true;
        Publish(turn, new TurnFailed(turn.Id, Now, stage, error, remedy));
    }

    private Turn Begin(string by)
    {
        Interrupt(by);
        _lastId = _lastId.Next();
        return _last = _current = new Turn(_lastId, _last, _engines.Take());
    }

    private async void Run(Turn turn, Func<Turn, Task> body)
    {
        using var use = turn.Engines.Use();
        try
        {
            await body(turn);
        }
        catch (OperationCanceledException) when (turn.IsCancelled)
        {
            // Whoever cancelled it ends it.
            return;
        }
        catch (Exception error)
        {
            Fail(turn, "model", error.Message, "The console goes on listening: say it again.");
            await RecoverAsync(turn);
        }

        if (turn.IsCancelled)
            return;
        if (_current == turn)
            _current = null;
        End(turn, Now);
    }

    // A failure is said aloud, unless the reply has begun: that is cut off.
    private async Task RecoverAsync(Turn turn)
    {
        try
        {
            if (turn.ReplyText.Length == 0)
                await _reply.ApologizeAsync(turn, Apologies.ModelFailed(_options.Language));
            else
                _playback.Stop();
        }
        catch (Exception)
        {
            // The user went on, or it cannot be said either; it is on the page in any case.
            if (!turn.IsCancelled)
                _playback.Stop();
        }
    }

    private void StopFor(Transcript transcript, SpeechSegment sound, long from)
    {
        var text = transcript.Text.Trim();
        Publish(_current!, new VerdictReached(_current!.Id, Now, "stop", $"A stop word: “{text}”.", new Dictionary<string, double> { ["words"] = PlayedWords.Tokens(text).Count() }));
        var turn = Begin("speech");
        turn.Speech = sound;
        turn.Phase = TurnPhase.Recognition;
        Publish(turn, new SpeechStarted(turn.Id, Now, from));
        Publish(turn, new SpeechEnded(turn.Id, Now, sound.End));
        Publish(turn, new TranscriptCompleted(turn.Id, Now, text, transcript.Language, transcript.Confidence));
        Run(turn, t => _reply.RunAsync(t, text));
    }

    private async Task HearAsync(Turn turn)
    {
        string? text = null;
        try
        {
            var recognizer = await turn.Engines.RecognizerAsync(turn.Token);
            await foreach (var transcript in recognizer.RecognizeAsync(turn.Speech!, turn.Token))
            {
                if (transcript.IsFinal)
                {
                    text = transcript.Text.Trim();
                    Publish(turn, new TranscriptCompleted(turn.Id, Now, text, transcript.Language, transcript.Confidence));
                }
                else
                {
                    Publish(turn, new TranscriptChanged(turn.Id, Now, transcript.Text));
                    _reply.Prepare(turn, transcript.Text.Trim());
                }
            }
        }
        catch (Exception error) when (error is not OperationCanceledException || !turn.IsCancelled)
        {
            Fail(turn, "recognizer", error.Message, "Say it again, type it, or choose another recogniser.");
            await _reply.ApologizeAsync(turn, Apologies.NotUnderstood(_options.Language));
            return;
        }

        turn.Token.ThrowIfCancellationRequested();
        if (string.IsNullOrEmpty(text))
            turn.DropReason = "no words were heard";
        else if (IsOwn(turn, text))
            turn.DropReason = "the console heard itself";
        else
            await _reply.RunAsync(turn, text);
    }

    /// <summary>Listens while speaking again.</summary>
    public void EndHalfDuplex()
    {
        if (Breaker.Close())
            _events.Publish(new HalfDuplexChanged(Now, false, "It was asked to listen while it speaks again."));
    }

    private bool IsOwn(Turn turn, string text)
    {
        var share = _played.ShareOf(text, turn.Speech!.Start, turn.Speech.End);
        var isOwn = share >= PlayedWords.Containment;
        if (isOwn)
            Publish(turn, new VerdictReached(turn.Id, Now, "echo", "The console was saying these words itself at that moment.", new Dictionary<string, double> { ["own words"] = share }));
        if (_options.Guard.Breaker && Breaker.Observe(isOwn))
            _events.Publish(new HalfDuplexChanged(Now, true, "Two turns in a row were the console's own words. It no longer listens while it speaks."));
        return isOwn && _options.Guard.Words;
    }

    private void PlaybackFinished(Turn turn, long lastRendered)
    {
        ReplyPlayed?.Invoke(turn.Id);
        if (turn.Interruption is null)
        {
            turn.HeardEnd = turn.ReplyText.Length;
            if (turn.IsAudible)
                Publish(turn, new PlaybackFinished(turn.Id, lastRendered, false, turn.Heard));
            turn.SetPlayed();
            return;
        }

        End(turn, lastRendered);
    }

    // The one place where a turn ends and enters the history.
    private void End(Turn turn, long lastRendered)
    {
        if (turn.Ended.IsCompleted)
            return;
        string outcome;
        if (turn.Interruption is not { } interruption)
        {
            outcome = turn.HasFailed ? "failed" : turn.DropReason is null ? "answered" : "dropped";
        }
        else if (turn.IsAudible)
        {
            _events.Publish(new PlaybackFinished(turn.Id, lastRendered, true, turn.Heard));
            _events.Publish(new TurnInterrupted(turn.Id, interruption.Position, interruption.By, lastRendered));
            outcome = "interrupted";
        }
        else
        {
            turn.DropReason = interruption.By switch
            {
                "speech" => "the user went on speaking",
                "text" => "the user wrote instead",
                _ => "stopped before the reply was audible",
            };
            outcome = "dropped";
        }

        if (turn.DropReason is { } reason)
            _events.Publish(new TurnDropped(turn.Id, Now, reason));
        History.AddReply(turn.Heard, interrupted: outcome == "interrupted");
        _events.Publish(new TurnCompleted(turn.Id, Now, outcome));
        turn.TryEnd();
    }
}
