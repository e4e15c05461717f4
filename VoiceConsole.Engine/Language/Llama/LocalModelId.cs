namespace VoiceConsole.Engine.Language.Llama;

/// <summary>How a language model on this machine is named: its GGUF file, and the adapters that change it.</summary>
/// <param name="File">Path of the model.</param>
/// <param name="Adapters">In the order in which they are applied.</param>
public sealed record LocalModelId(string File, IReadOnlyList<LoraAdapter> Adapters)
{
    private const string Mark = "+lora:";

    /// <summary>FILE, or FILE+lora:ADAPTER[:SCALE] with as many adapters as wanted.</summary>
    /// <exception cref="ArgumentException">A scale is no number.</exception>
    public static LocalModelId Parse(string text)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        var parts = text.Split(Mark);
        return new LocalModelId(parts[0], [.. parts.Skip(1).Select(LoraAdapter.Parse)]);
    }

    /// <summary>For people: the names of the files.</summary>
    public string Name => string.Join(" + ", Adapters.Select(a => a.File).Prepend(File).Select(f => Path.GetFileName(f)));

    public override string ToString() => File + string.Concat(Adapters.Select(a => Mark + a));
}
