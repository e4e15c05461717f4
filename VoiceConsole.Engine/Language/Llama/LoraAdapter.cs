using System.Globalization;
using VoiceConsole.Engine.Training.Gguf;

namespace VoiceConsole.Engine.Language.Llama;

/// <summary>A small GGUF file that changes a language model, and how strongly.</summary>
/// <param name="File">Its path.</param>
/// <param name="Scale">1 as it was trained; 0 not at all.</param>
public sealed record LoraAdapter(string File, float Scale = 1)
{
    /// <summary>FILE or FILE:SCALE.</summary>
    /// <exception cref="ArgumentException">The scale is no number between -10 and 10.</exception>
    public static LoraAdapter Parse(string text)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        // A drive's letter is followed by a colon as well.
        var colon = text.LastIndexOf(':');
        if (colon <= 1 || text.AsSpan(colon).IndexOfAny('/', '\\') >= 0)
            return new LoraAdapter(text);
        return float.TryParse(text.AsSpan(colon + 1), CultureInfo.InvariantCulture, out var scale) && scale is >= -10 and <= 10
            ? new LoraAdapter(text[..colon], scale)
            : throw new ArgumentException($"'{text[(colon + 1)..]}' is no scale for {Path.GetFileName(text[..colon])}: give a number such as 0.8.");
    }

    public override string ToString() => Scale == 1 ? File : string.Create(CultureInfo.InvariantCulture, $"{File}:{Scale}");

    /// <summary>Whether a GGUF file is an adapter and no model.</summary>
    internal static bool Is(GgufHead head) => head.Text("general.type") == "adapter";

    /// <exception cref="InvalidDataException">The file is no adapter, or one for another family of models.</exception>
    internal void RequireFor(string modelFile)
    {
        var head = GgufReader.Read(File);
        if (!Is(head) || head.Text("adapter.type") != "lora")
            throw new InvalidDataException($"{Path.GetFileName(File)} is no LoRA adapter.");
        var (wanted, there) = (head.Text("general.architecture"), GgufReader.Read(modelFile).Text("general.architecture"));
        if (wanted != there)
            throw new InvalidDataException($"{Path.GetFileName(File)} is an adapter for models of the family {wanted}, and {Path.GetFileName(modelFile)} is one of {there}. Take the model it was trained on.");
    }
}
