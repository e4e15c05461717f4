namespace VoiceConsole.Engine.Speech;

/// <summary>A stretch of synthesised speech.</summary>
/// <param name="Samples">Mono, full scale ±1.</param>
/// <param name="SampleRate">Samples per second, as the voice makes them.</param>
/// <param name="Words">Where each word of the sentence lies in these samples; empty when the engine cannot tell.</param>
public sealed record SpeechAudio(ReadOnlyMemory<float> Samples, int SampleRate, IReadOnlyList<WordTiming> Words);

/// <summary>One spoken word.</summary>
/// <param name="TextStart">Index of its first character in the sentence given to the synthesiser.</param>
/// <param name="TextLength">Its characters.</param>
/// <param name="Start">First sample, counted from the start of the part that carries it.</param>
/// <param name="End">Sample after its last.</param>
public readonly record struct WordTiming(int TextStart, int TextLength, int Start, int End);
