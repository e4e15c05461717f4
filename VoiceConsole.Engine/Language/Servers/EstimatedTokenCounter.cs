using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace VoiceConsole.Engine.Language.Servers;

/// <summary>
/// An estimate for models whose tokenizer is elsewhere, rather too high: a token for every three bytes of UTF-8, which is about
/// right for Chinese and a third too many for English.
/// </summary>
/// <param name="ask">Asks the server how many tokens its context has; null where it does not tell.</param>
internal sealed partial class EstimatedTokenCounter(Func<CancellationToken, Task<int?>> ask) : ITokenCounter
{
    private const int BytesPerToken = 3;

    private bool _asked;

    /// <summary>As the server said; without limit until it has.</summary>
    public int ContextTokens { get; private set; } = int.MaxValue;

    public int Count(string text) => (Encoding.UTF8.GetByteCount(text) + BytesPerToken - 1) / BytesPerToken;

    public async Task LearnAsync(CancellationToken cancellationToken)
    {
        if (_asked)
            return;
        ContextTokens = await ask(cancellationToken) ?? ContextTokens;
        _asked = true;
    }

    /// <summary>Takes the size from the words with which a server refuses a prompt that is too long, if it is in them.</summary>
    public void LearnFrom(ServerRefusedException refusal)
    {
        if (Size().Match(refusal.Reason) is { Success: true } size)
            ContextTokens = int.Parse(size.Groups[1].Value, CultureInfo.InvariantCulture);
    }

    // "maximum context length is 4096 tokens", "exceeds the available context size (4096 tokens)".
    [GeneratedRegex(@"context\D{1,40}?(\d{3,8})\b", RegexOptions.IgnoreCase)]
    private static partial Regex Size();
}
