using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace VoiceConsole.Engine.Telemetry;

/// <summary>
/// The console's meter and trace source, with every metric's name. The language model's follow OpenTelemetry's conventions for
/// generative AI. Nothing here is called for an audio frame: all of it comes from events. Thread-safe.
/// </summary>
public sealed class VoiceTelemetry : IDisposable
{
    /// <summary>Of the meter and of the trace source.</summary>
    public const string Name = "VoiceConsole";

    // Seconds that a turn and its stages take; the last is the longest that anybody waits.
    private static readonly InstrumentAdvice<double> s_waits = new() { HistogramBucketBoundaries = [0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 5, 10] };

    // As the conventions for generative AI have them.
    private static readonly InstrumentAdvice<double> s_operations = new() { HistogramBucketBoundaries = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92] };
    private static readonly InstrumentAdvice<double> s_firstTokens = new() { HistogramBucketBoundaries = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] };
    private static readonly InstrumentAdvice<long> s_tokens = new() { HistogramBucketBoundaries = [1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864] };

    private readonly Meter _meter = new(Name);

    public VoiceTelemetry()
    {
        VoiceToVoice = _meter.CreateHistogram<double>("voiceconsole.turn.voice_to_voice", "s", "From the last sample of the user's speech to the first audible one of the reply.", advice: s_waits);
        Stage = _meter.CreateHistogram<double>("voiceconsole.turn.stage", "s", "One stage of a turn; the stages add up to the voice-to-voice latency.", advice: s_waits);
        Turns = _meter.CreateCounter<long>("voiceconsole.turns", "{turn}", "Turns by how they ended.");
        Verdicts = _meter.CreateCounter<long>("voiceconsole.verdicts", "{verdict}", "What was made of sounds over a reply.");
        Failures = _meter.CreateCounter<long>("voiceconsole.failures", "{failure}", "Failures by stage.");
        Underruns = _meter.CreateCounter<long>("voiceconsole.device.underruns", "{underrun}", "Times the loudspeaker ran dry.");
        Overruns = _meter.CreateCounter<long>("voiceconsole.device.overruns", "{frame}", "Microphone frames that were lost.");
        Erle = _meter.CreateGauge<double>("voiceconsole.echo.erle", "dB", "How much of the echo the canceller took away in the last reply.");
        EchoDelay = _meter.CreateGauge<double>("voiceconsole.echo.delay", "s", "From the loudspeaker to the microphone, in the last reply.");
        ModelDuration = _meter.CreateHistogram<double>("gen_ai.client.operation.duration", "s", "Time of a reply of the language model.", advice: s_operations);
        FirstToken = _meter.CreateHistogram<double>("gen_ai.server.time_to_first_token", "s", "Time to the first token of a reply.", advice: s_firstTokens);
        Tokens = _meter.CreateHistogram<long>("gen_ai.client.token.usage", "{token}", "Tokens of a reply.", advice: s_tokens);
    }

    public ActivitySource Source { get; } = new(Name);

    public Histogram<double> VoiceToVoice { get; }

    /// <summary>Tagged "stage".</summary>
    public Histogram<double> Stage { get; }

    /// <summary>Tagged "outcome".</summary>
    public Counter<long> Turns { get; }

    /// <summary>Tagged "verdict".</summary>
    public Counter<long> Verdicts { get; }

    /// <summary>Tagged "stage".</summary>
    public Counter<long> Failures { get; }

    public Counter<long> Underruns { get; }

    public Counter<long> Overruns { get; }

    public Gauge<double> Erle { get; }

    public Gauge<double> EchoDelay { get; }

    public Histogram<double> ModelDuration { get; }

    public Histogram<double> FirstToken { get; }

    public Histogram<long> Tokens { get; }

    public void Dispose()
    {
        _meter.Dispose();
        Source.Dispose();
    }
}
