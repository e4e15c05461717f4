using System.Text;

namespace VoiceConsole.Engine.Language.Servers;

/// <summary>
/// An estimate for models whose tokenizer is elsewhere, rather too high: a token for every three bytes of UTF-8, which is about
/// right for Chinese and a third too many for English.
/// </summary>
internal sealed class EstimatedTokenCounter : ITokenCounter
{
    private const int BytesPerToken = 3;

    private int _contextTokens;

    /// <summary>The server was asked for its context.</summary>
    public bool IsKnown => _contextTokens > 0;

    /// <summary>As the server said; without limit until it is known.</summary>
    public int ContextTokens
    {
        get => IsKnown ? _contextTokens : int.MaxValue;
        set => _contextTokens = value;
    }

    public int Count(string text) => (Encoding.UTF8.GetByteCount(text) + BytesPerToken - 1) / BytesPerToken;
}
