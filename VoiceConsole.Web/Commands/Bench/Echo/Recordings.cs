using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Conversation;

namespace VoiceConsole.Web.Commands.Bench.Echo;

/// <summary>Real speakers and measured rooms in place of synthesised and calculated ones.</summary>
/// <param name="Speakers">One sentence each, 16 kHz.</param>
/// <param name="Responses">From a loudspeaker to a microphone, 16 kHz.</param>
internal sealed record Recordings(IReadOnlyList<Utterance> Speakers, IReadOnlyList<float[]> Responses)
{
    // Nobody who interrupts goes on for longer; s.
    private const int Longest = 4;

    // Below it, dB, is the breath before the first word, and the room in which he was recorded.
    private const float Breath = 18;

    /// <exception cref="ArgumentException">A folder holds no WAV file.</exception>
    public static Recordings Read(string? speakers, string? responses) => new([.. Files(speakers).Select(Speaker)], [.. Files(responses).Select(Samples)]);

    private static IEnumerable<string> Files(string? folder)
    {
        if (folder is null)
            return [];
        var files = Directory.Exists(folder) ? Directory.GetFiles(folder, "*.wav") : [];
        return files.Length > 0 ? files.Order(StringComparer.Ordinal) : throw new ArgumentException($"There is no WAV file in {folder}.");
    }

    private static Utterance Speaker(string file)
    {
        var samples = Sounds.Trimmed(Samples(file), Breath);
        if (samples.Length > Longest * AudioFormat.Engine.SampleRate)
            samples = samples[..(Longest * AudioFormat.Engine.SampleRate)];
        var text = Path.GetFileNameWithoutExtension(file);
        return new Utterance(text, samples, WordEstimate.For(text, samples.Length));
    }

    private static float[] Samples(string file) => WavReader.ReadAll(file, AudioFormat.Engine.SampleRate);
}
