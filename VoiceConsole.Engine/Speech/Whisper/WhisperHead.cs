namespace VoiceConsole.Engine.Speech.Whisper;

/// <summary>What the head of a whisper.cpp model file (GGML) says.</summary>
/// <param name="Size">"tiny", "base", "small", "medium" or "large".</param>
/// <param name="IsMultilingual">It understands more than English.</param>
/// <param name="Weights">For example "F16" or "Q5_1".</param>
internal sealed record WhisperHead(string Size, bool IsMultilingual, string Weights)
{
    private const uint Magic = 0x67676d6c;
    private const int EnglishTokens = 51864, Numbers = 11;

    /// <summary>A file that begins as a GGML model does.</summary>
    public static bool Is(string file)
    {
        using var stream = File.OpenRead(file);
        Span<byte> first = stackalloc byte[4];
        return stream.ReadAtLeast(first, 4, throwOnEndOfStream: false) == 4 && BitConverter.ToUInt32(first) == Magic;
    }

    /// <exception cref="InvalidDataException">Not a Whisper model in whisper.cpp's format, or one that makes no sense.</exception>
    public static WhisperHead Read(string file)
    {
        using var stream = File.OpenRead(file);
        using var reader = new BinaryReader(stream);
        if (stream.Length < (Numbers + 1) * 4 || reader.ReadUInt32() != Magic)
            throw new InvalidDataException($"{Path.GetFileName(file)} is no Whisper model in whisper.cpp's format (GGML). Choose one that is, such as ggml-base.");
        var numbers = Enumerable.Range(0, Numbers).Select(_ => reader.ReadInt32()).ToArray();
        var (vocabulary, context, width, layers, mels, type) = (numbers[0], numbers[1], numbers[2], numbers[4], numbers[9], numbers[10]);
        // What these say is allocated before anything else is looked at.
        if (vocabulary is < 1000 or > 200_000 || context is < 1 or > 10_000 || width is < 1 or > 10_000 || layers is < 1 or > 200 || mels is not (80 or 128))
            throw new InvalidDataException($"{Path.GetFileName(file)} is damaged: its head describes no Whisper model. Fetch it again.");
        CheckWords(file, reader);
        return new WhisperHead(
            layers switch { <= 4 => "tiny", <= 6 => "base", <= 12 => "small", <= 24 => "medium", _ => "large" },
            vocabulary > EnglishTokens,
            // llama.cpp's numbers, and thousands for the version of the quantisation.
            (type % 1000) switch { 0 => "F32", 1 => "F16", 2 => "Q4_0", 3 => "Q4_1", 7 => "Q8_0", 8 => "Q5_0", 9 => "Q5_1", var other => $"type {other}" });
    }

    // whisper.cpp takes a file that ends in its filters or words for one without weights, and reads nothing with it.
    private static void CheckWords(string file, BinaryReader reader)
    {
        try
        {
            Pass(checked((long)reader.ReadInt32() * reader.ReadInt32() * sizeof(float)));
            for (var words = reader.ReadInt32(); words > 0; words--)
                Pass(reader.ReadUInt32());
        }
        catch (Exception error) when (error is EndOfStreamException or OverflowException)
        {
            throw new InvalidDataException($"{Path.GetFileName(file)} is cut off: it has {reader.BaseStream.Length} bytes. Fetch it again.", error);
        }

        void Pass(long bytes)
        {
            if (bytes < 0 || bytes > reader.BaseStream.Length - reader.BaseStream.Position)
                throw new EndOfStreamException();
            reader.BaseStream.Position += bytes;
        }
    }
}
