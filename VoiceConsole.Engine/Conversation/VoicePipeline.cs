using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Echo;
using VoiceConsole.Engine.Events;

namespace VoiceConsole.Engine.Conversation;

/// <summary>
/// The only wiring: frames from the device through the listener to the turn controller, and the reply's sound back. Belongs
/// to the loop; what it does for a frame allocates nothing.
/// </summary>
internal sealed class VoicePipeline : IDisposable
{
    private readonly IAudioDevice _device;
    private readonly TurnEventBus _events;
    private readonly ConversationOptions _options;
    private readonly TrackRecorder? _recorder;
    private readonly Playback _playback;
    private readonly Listener _listener;
    private readonly EventLoop _loop;
    private readonly long _settleTime;
    private AudioDeviceStatus _reported;
    private long _reportedAt;
    private long _quietSince = -1;
    private bool _recorderReported, _wasMuted;

    public VoicePipeline(
        EventLoop loop, IAudioDevice device, ConversationEngines engines, ConversationOptions options, TurnEventBus events, TrackRecorder? recorder)
    {
        if (options.Validate() is { Count: > 0 } problems)
            throw new ArgumentException(string.Join(" ", problems), nameof(options));
        _loop = loop;
        _device = device;
        _events = events;
        _options = options;
        _recorder = recorder;
        _settleTime = device.Format.ToSamples(options.HangOver + TimeSpan.FromMilliseconds(500));
        _playback = new Playback(device, events);
        _listener = new Listener(engines.Canceller, engines.Detector, options, device.Format);
        Slots = new EngineSlots(engines);
        Turns = new TurnController(device, events, _listener.History, _playback, Slots, options, loop) { ReplyPlayed = ReportPath };
    }

    public TurnController Turns { get; }

    public EngineSlots Slots { get; }

    public MeterReading Meters => _listener.Meters;

    /// <summary>The words that the room has heard from the loudspeaker.</summary>
    public PlayedWords Words => _playback.Words;

    public bool Muted { get; set; }

    /// <summary>What is known of the echo now.</summary>
    public EchoReading ReadEcho()
    {
        var path = _listener.Path.Estimate();
        return new EchoReading(
            path.DelayMs, path.ReturnLossDb, path.FilterErleDb, path.CancellerErleDb, Math.Round(_listener.EchoToRest, 1), path.Confidence,
            _playback.IsAudible, _listener.Ducks, _listener.IsDeaf, Turns.Breaker.IsOpen);
    }

    /// <summary>Called on the loop when a device that has an end has come to it and the last turn is over.</summary>
    public Action? Ended { get; set; }

    /// <summary>Called on the loop when a frame could not be worked on; no further frame is.</summary>
    public Action<Exception>? Failed { get; set; }

    /// <exception cref="AudioDeviceException">The device cannot be opened.</exception>
    public void Start()
    {
        _loop.OnWake = Pump;
        _device.Start(_loop.Wake);
    }

    /// <summary>Says once that the recording has ended before the conversation.</summary>
    public void ReportRecorder()
    {
        if (_recorderReported || _recorder?.Problem is not { } problem)
            return;
        _recorderReported = true;
        _events.Publish(new TurnFailed(
            TurnId.None, Turns.Now, "recorder", problem, "The conversation goes on without its recording. For the next one, free some space and see that the folder can be written to."));
    }

    public void Dispose() => _listener.Dispose();

    private void Pump()
    {
        try
        {
            PumpFrames();
        }
        catch (Exception error)
        {
            _loop.OnWake = null;
            Failed?.Invoke(error);
        }
    }

    private void PumpFrames()
    {
        while (_device.TryRead(out var frame))
        {
            _playback.Rendered(frame);
            // A reply that has just been played to its end makes room for the next clip before the next frame is due.
            _playback.Fill();
            ReportMute(frame.Position);
            _listener.Muted = _wasMuted || (_options.PauseMicrophoneDuringPrefill && Turns.IsPrefilling);
            _listener.HalfDuplex = Turns.Breaker.IsOpen;
            var decision = _listener.Process(frame, _playback.IsAudible);
            if (_listener.TryTakeVerdict(out var verdict))
                _events.Publish(new VerdictReached(Turns.CurrentId, frame.End, verdict.Name, verdict.Reason, verdict.Evidence));
            _recorder?.Push(frame.Captured, frame.Rendered, _listener.Processed, frame.Position);
            switch (decision)
            {
                case TurnDecision.Started: Turns.SpeechStarted(_listener.Turns.SpeechStart); break;
                case TurnDecision.Ended: Turns.SpeechEnded(_listener.Turns.LastSpeech); break;
                default: Turns.SpeechAdvanced(); break;
            }

            if (_listener.TryTakeUnclear(out var from, out var to))
                Turns.Listen(from, to);
            // After the decision: what is being stopped is not brought back first.
            _playback.SetLow(_listener.Ducks);
            WatchForTheEnd(frame.End);
        }

        _playback.Fill();
        ReportDevice();
    }

    private void ReportPath(TurnId turn)
    {
        var path = _listener.Path.Estimate();
        if (path.Confidence > 0)
            _events.Publish(new EchoPathMeasured(turn, Turns.Now, path.DelayMs, path.ReturnLossDb, path.FilterErleDb, path.CancellerErleDb, path.Coherence, path.Confidence, path.DriftPpm));
    }

    // Read once for a frame: it may be changed at any moment.
    private void ReportMute(long position)
    {
        var muted = Muted;
        if (muted == _wasMuted)
            return;
        _wasMuted = muted;
        _events.Publish(new MicrophoneMuted(position, muted));
    }

    private void WatchForTheEnd(long position)
    {
        if (_device.Status.State != AudioDeviceState.Ended || Turns.State != ConversationState.Listening || _listener.Turns.InSpeech || !Turns.Idle.IsCompleted)
            _quietSince = -1;
        else if (_quietSince < 0)
            _quietSince = position;
        else if (position - _quietSince >= _settleTime)
            Ended?.Invoke();
    }

    private void ReportDevice()
    {
        var status = _device.Status;
        if (status.State != _reported.State || (status != _reported && Turns.Now - _reportedAt >= _device.Format.SampleRate))
        {
            _reported = status;
            _reportedAt = Turns.Now;
            _events.Publish(new DeviceChanged(Turns.Now, status.State.ToString(), status.Underruns, status.Overruns, status.Problem));
        }

        ReportRecorder();
    }
}
