using VoiceConsole.Engine.Audio;

namespace VoiceConsole.Engine.Speech.Sherpa;

/// <summary>The recording whose voice a cloning model takes on.</summary>
/// <param name="Samples">Mono, at <see cref="Rate"/>.</param>
/// <param name="Words">What is said in it; empty where that is not needed.</param>
internal sealed record SherpaReference(float[] Samples, string Words)
{
    public const int Rate = 24_000;

    /// <summary>reference.wav beside the model, with its words in reference.txt, or the first of the recordings that came with it.</summary>
    /// <param name="folder">Of the model.</param>
    /// <param name="needsWords">A recording without its words will not do.</param>
    /// <returns>The recording's path; null where there is none.</returns>
    public static string? Find(string folder, bool needsWords) => Directory.GetFiles(folder, "reference.wav")
        .Concat(Directory.Exists(Path.Combine(folder, "test_wavs")) ? Directory.GetFiles(Path.Combine(folder, "test_wavs"), "*.wav").Order(StringComparer.Ordinal) : [])
        .FirstOrDefault(f => !needsWords || File.Exists(Path.ChangeExtension(f, ".txt")));

    /// <exception cref="InvalidDataException">The recording is damaged.</exception>
    public static SherpaReference Read(string file) => new(
        WavReader.ReadAll(file, Rate), File.Exists(Path.ChangeExtension(file, ".txt")) ? File.ReadAllText(Path.ChangeExtension(file, ".txt")).Trim() : "");
}
