namespace VoiceConsole.Engine.Language;

/// <summary>A sentence of a reply, ready to be spoken.</summary>
/// <param name="Index">Its number, from 0.</param>
/// <param name="TextStart">Index of its first character in the text that was split.</param>
/// <param name="Text">The characters from there on, without white space at the ends.</param>
public sealed record Sentence(int Index, int TextStart, string Text)
{
    /// <summary>BCP 47 tag where it is known; null has the script and the conversation tell.</summary>
    public string? Language { get; init; }
}
