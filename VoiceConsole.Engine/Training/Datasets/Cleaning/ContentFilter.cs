using System.Text.RegularExpressions;
using VoiceConsole.Engine.Language;

namespace VoiceConsole.Engine.Training.Datasets.Cleaning;

/// <summary>
/// Finds sexual, hateful and violent content by weighted lists in English and Mandarin. What the lists call harmless ("kill the process",
/// "breast cancer") is not looked at; what is left is unwanted where the weights of a kind's matches reach its threshold. Lists find what they
/// name: a rare paraphrase may pass.
/// </summary>
public sealed class ContentFilter
{
    private const string English = "unwanted.en.json";
    private const string Chinese = "unwanted.zh.json";

    public static IReadOnlyList<string> Categories { get; } = ["sexual", "hateful", "violent"];

    // Lists are short and texts bounded; a pattern that takes this long was made to. The first match, in which the pattern is
    // compiled, takes seconds on a busy machine.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private static readonly Lazy<LanguageLists> s_english = new(() => new LanguageLists(English, null, hasWords: true));
    private static readonly Lazy<LanguageLists> s_chinese = new(() => new LanguageLists(Chinese, null, hasWords: false));

    private readonly LanguageLists[] _languages;
    private readonly IReadOnlyDictionary<string, double> _thresholds;

    /// <param name="lists">Folder of one's own lists (unwanted.en.json, unwanted.zh.json, thresholds.json); null for the built-in ones.</param>
    /// <exception cref="InvalidDataException">A list cannot be read.</exception>
    public ContentFilter(string? lists = null)
    {
        _thresholds = CleaningThresholds.Read(lists).Unwanted;
        _languages =
        [
            CleaningLists.IsOwn(English, lists) ? new LanguageLists(English, lists, hasWords: true) : s_english.Value,
            CleaningLists.IsOwn(Chinese, lists) ? new LanguageLists(Chinese, lists, hasWords: false) : s_chinese.Value,
        ];
    }

    /// <summary>What is unwanted in a text, the worst kind first; null when nothing is.</summary>
    public ContentFinding? Find(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        ContentFinding? worst = null;
        foreach (var language in _languages.Where(l => l.IsIn(text)))
        {
            var looked = language.WithoutHarmless(text);
            foreach (var category in Categories)
            {
                var (score, first) = language.Score(category, looked);
                if (score >= _thresholds[category] && score > (worst?.Score ?? 0))
                    worst = new ContentFinding(category, score, first);
            }
        }

        return worst;
    }

    private sealed class LanguageLists
    {
        private readonly bool _hasWords;
        private readonly Regex _harmless;
        private readonly Dictionary<string, (double Weight, Regex Pattern)[]> _patterns;

        public LanguageLists(string name, string? folder, bool hasWords)
        {
            _hasWords = hasWords;
            var lists = CleaningLists.Read<UnwantedLists>(name, folder);
            // Compiling takes a second or two, and each text a tenth of the time.
            var options = RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.Compiled;
            try
            {
                _harmless = new Regex(Whole(string.Join('|', lists.Harmless)), options, s_patience);
                _patterns = Categories.ToDictionary(c => c, c => lists.Of(c).Select(p => (p.Weight, new Regex(Whole(Spell(p.Pattern)), options, s_patience))).ToArray());
            }
            catch (RegexParseException error)
            {
                throw new InvalidDataException($"The list {name} has a pattern that is none: {error.Message}", error);
            }

            string Whole(string pattern) => hasWords ? $@"\b(?:{pattern})\b" : pattern;

            string Spell(string pattern) => lists.Words.Aggregate(pattern, (p, word) => p.Replace($"{{{word.Key}}}", word.Value, StringComparison.Ordinal));
        }

        /// <summary>The text has letters of the language at all.</summary>
        public bool IsIn(string text) => text.Any(_hasWords ? char.IsAsciiLetter : SpokenLanguage.IsHan);

        public string WithoutHarmless(string text) => _harmless.Replace(text, match => new string('_', match.Length));

        // Each pattern counts once, however often it matches.
        public (double Score, string First) Score(string category, string text)
        {
            var (score, first) = (0.0, "");
            foreach (var (weight, pattern) in _patterns[category])
            {
                if (pattern.Match(text) is not { Success: true } match)
                    continue;
                score += weight;
                first = first.Length == 0 ? match.Value : first;
            }

            return (score, first);
        }
    }

    private sealed record UnwantedLists(
        IReadOnlyDictionary<string, string> Words, IReadOnlyList<string> Harmless,
        IReadOnlyList<WeightedPattern> Sexual, IReadOnlyList<WeightedPattern> Hateful, IReadOnlyList<WeightedPattern> Violent)
    {
        public IReadOnlyList<WeightedPattern> Of(string category) => category switch
        {
            "sexual" => Sexual,
            "hateful" => Hateful,
            _ => Violent,
        };
    }

    private sealed record WeightedPattern(double Weight, string Pattern);
}
