using VoiceConsole.Engine.Training.Evaluate;
using VoiceConsole.Engine.Training.Finetune;

namespace VoiceConsole.Engine.Training.Export;

/// <summary>A model as it was stored in one format, and what that cost.</summary>
/// <param name="Loss">Held-out, in nats a token; null where it was not measured.</param>
public sealed record ExportedModel(string Format, string File, long Bytes, double? Loss);

/// <summary>Stores a taught model with its card in smaller weights, and measures what is lost by it.</summary>
/// <param name="folders">Folders of the installed part "llama" and of what it needs.</param>
public sealed class ModelExport(IReadOnlyList<string> folders)
{
    /// <summary>The formats by the names that people know.</summary>
    public static IReadOnlyDictionary<string, WeightFormat> Formats { get; } = new Dictionary<string, WeightFormat>(StringComparer.OrdinalIgnoreCase)
    {
        ["f16"] = WeightFormat.F16,
        ["q8_0"] = WeightFormat.Q80,
        ["q6_k"] = WeightFormat.Q6K,
        ["q4_k_m"] = WeightFormat.Q4KM,
        ["q2_k"] = WeightFormat.Q2K,
    };

    /// <summary>Writes one file for each format, and tells first of the model as it is.</summary>
    /// <param name="source">F32 or F16.</param>
    /// <param name="target">The file for a format's name.</param>
    /// <param name="measured">What the loss is measured on; null for nothing.</param>
    /// <param name="threads">Processor threads.</param>
    /// <exception cref="InvalidDataException">The source cannot be stored so, or not measured.</exception>
    /// <exception cref="IOException">A target cannot be written.</exception>
    public IEnumerable<ExportedModel> Write(
        string source, Func<string, string> target, IEnumerable<string> formats, ModelCard card, IReadOnlyList<Lesson>? measured, int threads, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(formats);
        yield return Row("as it is", source);
        foreach (var format in formats)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var file = target(format);
            WriteOne(source, file, Formats[format], card, threads);
            yield return Row(format, file);
        }

        ExportedModel Row(string format, string file) => new(
            format, file, new FileInfo(file).Length, measured is null ? null : HeldOutLoss.Measure(file, measured, threads, folders, cancellationToken));
    }

    /// <summary>Writes one file, which appears whole or not at all.</summary>
    public void WriteOne(string source, string file, WeightFormat format, ModelCard card, int threads)
    {
        var wide = file + ".wide";
        try
        {
            CardWriter.Write(source, wide, card, folders);
            Quantizer.Write(wide, file, format, threads, folders);
        }
        finally
        {
            File.Delete(wide);
        }
    }
}
