using System.Numerics.Tensors;
using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Audio.Devices;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Echo;
using VoiceConsole.Engine.Events;
using VoiceConsole.Engine.Language;
using VoiceConsole.Engine.Models;
using VoiceConsole.Engine.Speech;

namespace VoiceConsole.Web.Commands.Bench.Echo;

/// <summary>A sound that was made in the room, and where it reached the microphone.</summary>
/// <param name="Text">Words that were said; empty for a cough.</param>
/// <param name="Start">First audible sample.</param>
/// <param name="End">Sample after its last.</param>
/// <param name="OverReply">The console was audible when it began.</param>
internal sealed record RoomSound(string Text, long Start, long End, bool OverReply, IReadOnlyList<WordTiming> Words);

/// <summary>
/// One conversation of the benchmark: the whole pipeline with real canceller and detector on virtual time, in a simulated
/// room, with a user who follows a scenario. The members are for the scenario, on the conversation's loop.
/// </summary>
internal sealed class RoomRun : IAsyncDisposable
{
    /// <summary>Level of the user's speech at the microphone, dBFS.</summary>
    public const double UserLevel = -26;

    // The longest scenario takes two minutes and a half of a console that does as it should.
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(10);

    private readonly Voices _voices;
    private readonly VirtualTime _time;
    private readonly EchoPoint _point;
    private readonly RoomAudioDevice _room;
    private readonly ConversationSession _session;
    private readonly EventSubscription _subscription;
    private readonly List<TurnEvent> _events = [];
    private readonly List<RoomSound> _sounds = [];
    private readonly List<int> _moves = [];
    private readonly double _userGain;
    private readonly bool _varies;
    private readonly CancellationToken _cancellation;
    private readonly EchoMeter _meter;

    private RoomRun(
        EchoScenario scenario, EchoPoint point, EchoSetup setup, Voices voices, IReadOnlyDictionary<string, Utterance> sentences,
        IEchoCanceller canceller, IVoiceDetector detector, ISpeechRecognizer? recognizer, RoomOptions room, EventLoop loop, CancellationToken cancellationToken)
    {
        (_point, _voices, _cancellation) = (point, voices, cancellationToken);
        _time = (VirtualTime)loop.Time;
        Random = new Random(point.Seed);
        _varies = setup.Guard.Learner is not null;
        _room = new RoomAudioDevice(room, _time);
        var response = RoomResponse.Calculate(RoomResponse.User, point.ReverberationTime, _room.Format.SampleRate, normalise: false);
        _userGain = 1 / Math.Sqrt(TensorPrimitives.SumOfSquares(response));
        var options = new ConversationOptions { Language = point.Mandarin ? "zh" : "en", Record = false, MaxReplyTokens = 10_000, Guard = setup.Guard };
        var replies = new ScriptedReplies(_time, () => Material.Reply(Random, point.Mandarin, scenario.ReplySentences));
        _meter = new EchoMeter(canceller, () => _sounds.Count == 0 || _sounds[^1].End + 8000 < _room.Clock.Now);
        var engines = new ConversationEngines(
            _meter, detector, recognizer ?? new TrueTranscript(SaidBetween), new LanguageEngine(replies, "script", null, null, options, _time),
            new PreparedVoice(sentences, (canceller as NaiveCanceller) is { } naive ? naive.Enqueue : null));
        var started = new ConversationStarted(
            Guid.Empty, _time.GetUtcNow(), _room.Format.SampleRate, _room.Name, engines.Recognizer.Id, "script", "prepared", canceller.Id);
        _session = new ConversationSession(loop, _room, engines, options, started, null, () => ValueTask.CompletedTask);
        _subscription = _session.Events.SubscribeLossless();
        loop.Post(_ => Follow(scenario), null);
    }

    public Random Random { get; }

    public bool Mandarin => _point.Mandarin;

    /// <summary>Simulated time so far.</summary>
    public TimeSpan Elapsed => _room.Format.ToTime(_room.Clock.Now);

    public ConversationState State => _session.State;

    public static async Task<RunResult> PlayAsync(
        EchoScenario scenario, EchoPoint point, EchoSetup setup, Voices voices, ModelStore store, CancellationToken cancellationToken)
    {
        var loop = new EventLoop(new VirtualTime());
        var loader = new EngineLoader(store, loop.Work);
        var sentences = new Dictionary<string, Utterance>();
        foreach (var sentence in Material.Sentences(point.Mandarin).SelectMany(s => Pieces(s, point.Mandarin)))
            sentences[sentence] = await voices.SayAsync(point.ConsoleVoice, sentence, point.Mandarin ? "zh" : "en", cancellationToken);
        var consoleLevel = sentences.Values.Average(s => Sounds.ActiveLevel(s.Samples));
        var room = new RoomOptions(
            "bench", point.ReverberationTime, UserLevel - point.SignalToEcho - consoleLevel, TimeSpan.FromMilliseconds(point.DelayMs), -70, point.Loudspeaker, (ulong)point.Seed)
        {
            DriftPpm = point.DriftPpm,
            MeasuredResponse = point.Recorded?.Responses is { Count: > 0 } responses ? responses[point.Seed % responses.Count] : default,
            Ambience = await Material.AmbienceAsync(point, voices, cancellationToken),
        };
        IEchoCanceller canceller = setup.Canceller == "naive" ? new NaiveCanceller() : await loader.CancellerAsync(setup.Canceller, cancellationToken);
        var detector = await loader.DetectorAsync(cancellationToken);
        await using var recognizer = scenario.JudgesWords && !point.Mandarin && !setup.HearsItself ? await loader.RecognizerAsync(null, cancellationToken) : null;
        await using var run = new RoomRun(scenario, point, setup, voices, sentences, canceller, detector, recognizer, room, loop, cancellationToken);
        run._session.Start();
        await run._session.Completion;
        run.Collect();
        return new RunResult(scenario, point, setup, run._events, run._sounds, run._meter.Erle, run._moves, run._room.Clock.Now);
    }

    public async ValueTask DisposeAsync()
    {
        _subscription.Dispose();
        // With it go the room, the canceller and the detector.
        await _session.DisposeAsync();
    }

    // As the console says them: the first sentence of a reply is cut at its first comma, to be heard sooner.
    private static IEnumerable<string> Pieces(string sentence, bool mandarin)
    {
        var splitter = new SentenceSplitter(mandarin ? "zh" : "en");
        return [sentence, .. splitter.Append(sentence + " ").Concat(splitter.Complete()).Select(s => s.Text.Trim())];
    }

    public Task WaitAsync(TimeSpan time)
    {
        if (Elapsed > s_longest)
            throw new OperationCanceledException("The user has given up.");
        return Task.Delay(time, _time, _cancellation);
    }

    public Task WaitAsync(double minSeconds, double maxSeconds) => WaitAsync(TimeSpan.FromSeconds(minSeconds + (maxSeconds - minSeconds) * Random.NextDouble()));

    /// <summary>Waits until the console is in this state, at most so long.</summary>
    public async Task<bool> WaitForAsync(ConversationState state, double seconds)
    {
        var until = Elapsed + TimeSpan.FromSeconds(seconds);
        while (State != state)
        {
            if (Elapsed > until)
                return false;
            await WaitAsync(s_step);
        }

        return true;
    }

    /// <summary>Sees to it that the console is talking: asks it by keyboard when it has nothing to say.</summary>
    public async Task HaveItTalkAsync()
    {
        while (State != ConversationState.Speaking)
        {
            if (State == ConversationState.Listening)
                _session.Say("Go on.");
            await WaitAsync(s_step);
        }
    }

    /// <summary>The user says a sentence. Completes when it has been said.</summary>
    public async Task SpeakAsync(string text)
    {
        var said = await SayAsync(text);
        text = said.Text;
        var sound = Sounds.Trimmed(said.Samples);
        var before = Math.Max(0, said.Samples.AsSpan().IndexOf(sound.AsSpan(0, Math.Min(32, sound.Length))));
        await SoundAsync(sound, UserLevel, text, [.. said.Words.Select(w => w with { Start = w.Start - before, End = w.End - before })]);
    }

    /// <summary>A sound from where the user sits. Completes when it is over.</summary>
    public async Task SoundAsync(float[] sound, double level, string text = "", IReadOnlyList<WordTiming>? words = null)
    {
        var scaled = Sounds.AtLevel(sound, level);
        TensorPrimitives.Multiply(scaled, (float)_userGain, scaled);
        var over = State == ConversationState.Speaking;
        var start = _room.Speak(scaled);
        _sounds.Add(new RoomSound(text, start, start + scaled.Length, over, words ?? []));
        await WaitAsync(_room.Format.ToTime(start + scaled.Length - _room.Clock.Now));
    }

    /// <summary>Somebody moves the loudspeaker.</summary>
    public void MoveLoudspeaker()
    {
        _room.MoveLoudspeaker();
        _moves.Add(_meter.Erle.Count);
    }

    /// <summary>The words the console has said most recently and that were heard.</summary>
    public string LastHeard()
    {
        Collect();
        return _events.OfType<SentenceCompleted>().LastOrDefault(s => _events.OfType<WordHeard>().Any(w => w.Turn == s.Turn && w.TextStart >= s.TextStart))?.Text ?? "";
    }

    // What waits for the loop stays on it: the wrapped task would complete on another thread.
    private async Task<Utterance> SayAsync(string text)
    {
        var said = _point.Recorded?.Speakers is { Count: > 0 } speakers ? speakers[Random.Next(speakers.Count)] : await SynthesizedAsync(text);
        if (!_varies)
            return said;
        // Another size of throat, and another pace.
        var rate = _room.Format.SampleRate * (85 + Random.Next(36)) / 100;
        return said with { Samples = Resampler.Convert(said.Samples, rate, _room.Format.SampleRate), Words = [] };
    }

    private async Task<Utterance> SynthesizedAsync(string text)
    {
        using var hold = _time.Hold();
        return await _voices.SayAsync(_point.UserVoice, text, Mandarin ? "zh" : "en", _cancellation);
    }

    private async void Follow(EchoScenario scenario)
    {
        try
        {
            await scenario.Play(this);
        }
        catch (OperationCanceledException)
        {
            // Stopped from outside, or the console never came to the point; what happened so far is judged.
        }

        _ = _session.StopAsync();
    }

    private void Collect()
    {
        while (_subscription.Reader.TryRead(out var turnEvent))
            _events.Add(turnEvent);
    }

    private string SaidBetween(long from, long to)
    {
        var byUser = _sounds.SelectMany(s => s.Words.Where(w => IsWithin(s.Start + w.Start, s.Start + w.End)).Select(w => s.Text.Substring(w.TextStart, w.TextLength))).ToList();
        if (byUser.Count > 0)
            return string.Join(Mandarin ? "" : " ", byUser);
        Collect();
        var delay = _room.Format.ToSamples(TimeSpan.FromMilliseconds(_point.DelayMs));
        var texts = _events.OfType<SentenceCompleted>().ToLookup(s => s.Turn);
        return string.Join(Mandarin ? "" : " ", _events.OfType<WordHeard>().Where(w => IsWithin(w.Position + delay - 1600, w.Position + delay)).Select(w =>
        {
            var sentence = texts[w.Turn].Last(s => s.TextStart <= w.TextStart);
            return sentence.Text.Substring(w.TextStart - sentence.TextStart, Math.Min(w.TextLength, sentence.Text.Length - (w.TextStart - sentence.TextStart)));
        }));

        bool IsWithin(long start, long end) => (start + end) / 2 >= from && (start + end) / 2 < to;
    }
}

/// <summary>What one run brought forth.</summary>
/// <param name="Erle">Far-end single talk, dB, one figure each <see cref="EchoMeter.BlockSeconds"/> of echo.</param>
/// <param name="Moves">How many of these figures there were when the loudspeaker was moved.</param>
/// <param name="Length">Samples.</param>
internal sealed record RunResult(
    EchoScenario Scenario, EchoPoint Point, EchoSetup Setup, IReadOnlyList<TurnEvent> Events, IReadOnlyList<RoomSound> Sounds, IReadOnlyList<double> Erle, IReadOnlyList<int> Moves, long Length);
