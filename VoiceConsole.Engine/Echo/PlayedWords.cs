using VoiceConsole.Engine.Language;

namespace VoiceConsole.Engine.Echo;

/// <summary>
/// The words that the loudspeaker has said lately, by when, so that a transcript can be recognised as the console's own. Only
/// words that were playing while the sound was recorded count: a user who repeats the console afterwards is a user.
/// </summary>
/// <param name="sampleRate">Samples per second of the positions.</param>
internal sealed class PlayedWords(int sampleRate)
{
    /// <summary>Share of a transcript's words that must have been playing for it to be an echo.</summary>
    public const double Containment = 0.7;

    /// <summary>Shorter transcripts are never judged: "stop" is always a user.</summary>
    public const int FewestTokens = 3;

    private const int Capacity = 512;

    // The longest delay and tail of a room, before the utterance and after a word's end.
    private readonly long _reach = sampleRate;
    private readonly Queue<(string Token, long Position)> _words = new();

    /// <summary>A word was rendered to its end.</summary>
    public void Add(string text, long position)
    {
        foreach (var token in Tokens(text))
        {
            if (_words.Count == Capacity)
                _words.Dequeue();
            _words.Enqueue((token, position));
        }
    }

    /// <summary>The share of the transcript that the console was saying itself, 0 to 1; 0 for a transcript too short to judge.</summary>
    /// <param name="transcript">Any text.</param>
    /// <param name="from">First sample of the utterance.</param>
    /// <param name="to">Sample after its last.</param>
    public double ShareOf(string transcript, long from, long to)
    {
        var tokens = Tokens(transcript).ToList();
        return tokens.Count < FewestTokens ? 0 : ShareOf(tokens, from, to);
    }

    /// <summary>The console was saying all of this itself, however short it is.</summary>
    public bool Said(string transcript, long from, long to) => Tokens(transcript).ToList() is { Count: > 0 } tokens && ShareOf(tokens, from, to) == 1;

    private double ShareOf(List<string> tokens, long from, long to)
    {
        var playing = new Dictionary<string, int>();
        foreach (var (token, position) in _words)
        {
            if (position >= from - _reach && position <= to + _reach / 2)
                playing[token] = playing.GetValueOrDefault(token) + 1;
        }

        var own = 0;
        foreach (var token in tokens)
        {
            if (!playing.TryGetValue(token, out var left) || left == 0)
                continue;
            playing[token] = left - 1;
            own++;
        }

        return own / (double)tokens.Count;
    }

    /// <summary>Words in lower case without their marks; each Chinese character by itself.</summary>
    public static IEnumerable<string> Tokens(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsLetterOrDigit(text[i]))
                continue;
            var start = i;
            if (!SpokenLanguage.IsHan(text[i]))
            {
                while (i + 1 < text.Length && (char.IsLetterOrDigit(text[i + 1]) || text[i + 1] == '\'') && !SpokenLanguage.IsHan(text[i + 1]))
                    i++;
            }

            yield return text[start..(i + 1)].ToLowerInvariant();
        }
    }
}
