using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Components;

namespace VoiceConsole.Web.Texts;

/// <summary>
/// The pages' own words in the reader's language. The English sentence is the key and stands in the page's source; the other
/// languages lie in Texts/*.json. What is missing there is shown in English, and a test finds it.
/// </summary>
/// <remarks>One for each page that is open. Not a resx: the console has one culture, the invariant one, and its figures stay as they are.</remarks>
internal sealed partial class PageTexts
{
    public const string English = "en", Chinese = "zh";

    private const int Deepest = 4, LongestTold = 600, MostTold = 2000;

    /// <summary>The languages by the names they give themselves.</summary>
    public static IReadOnlyList<(string Code, string Name)> Languages { get; } = [(English, "English"), (Chinese, "简体中文")];

    private static readonly FrozenDictionary<string, string> s_chinese = Load(Chinese);
    private static readonly FrozenDictionary<string, string> s_english = FrozenDictionary<string, string>.Empty;

    // What is made elsewhere lies in a file of its own: only there may a sentence with values be told by its pattern. The longest
    // first: the more of a sentence is fixed, the surer it is the one.
    private static readonly FrozenDictionary<string, string> s_chineseTold = Load($"{Chinese}.told");
    private static readonly Lazy<(Regex Pattern, string Text)[]> s_patterns = new(() =>
        [.. s_chineseTold.Where(p => Value().IsMatch(p.Key)).OrderByDescending(p => Value().Replace(p.Key, "").Length).Select(p => (PatternOf(p.Key), p.Value))]);

    private static readonly ConcurrentDictionary<string, string> s_told = new();

    private FrozenDictionary<string, string> _words = s_english;

    /// <summary>Anything but a known language is English.</summary>
    public string Language
    {
        get => _words == s_chinese ? Chinese : English;
        set => _words = value == Chinese ? s_chinese : s_english;
    }

    /// <summary>For the html element.</summary>
    public string Tag => Language == Chinese ? "zh-Hans" : English;

    /// <summary>A sentence or word.</summary>
    public string this[string english] => _words.GetValueOrDefault(english, english);

    /// <summary>A sentence with {0}, {1} in it.</summary>
    public string this[string english, params object?[] values] => string.Format(CultureInfo.InvariantCulture, this[english], values);

    /// <summary>What was made elsewhere, by the engine or long ago, with its values already in it: told by the pattern that it fits.</summary>
    /// <param name="english">Not anybody's own words: they could fit a pattern, too.</param>
    public string Told(string english)
    {
        if (Language == English)
            return english;
        if (s_told.TryGetValue(english, out var known))
            return known;
        if (s_told.Count >= MostTold)
            s_told.Clear();
        return s_told[english] = Fit(english, depth: 0);
    }

    /// <summary>A verdict's evidence in one line.</summary>
    public string Evidence(IReadOnlyDictionary<string, double> evidence) =>
        string.Join(", ", evidence.Select(e => string.Create(CultureInfo.InvariantCulture, $"{this[e.Key]} {e.Value:0.##}")));

    /// <summary>A sentence with marks in it, such as &lt;strong&gt;. Never with anybody's text.</summary>
    public MarkupString Markup(string english) => new(this[english]);

    private static Regex PatternOf(string key)
    {
        var pattern = new StringBuilder("^");
        var at = 0;
        foreach (Match value in Value().Matches(key))
        {
            pattern.Append(Regex.Escape(key[at..value.Index])).Append(CultureInfo.InvariantCulture, $"(?<v{value.Groups[1].Value}>.+?)");
            at = value.Index + value.Length;
        }

        return new Regex(pattern.Append(Regex.Escape(key[at..])).Append('$').ToString(), RegexOptions.Singleline | RegexOptions.NonBacktracking);
    }

    // A value may be a sentence itself, as the error in "… could not be had: …" is.
    private static string Fit(string english, int depth)
    {
        if (s_chinese.TryGetValue(english, out var exact) || s_chineseTold.TryGetValue(english, out exact))
            return exact;
        if (depth == Deepest || english.Length > LongestTold)
            return english;
        foreach (var (pattern, text) in s_patterns.Value)
        {
            if (pattern.Match(english) is { Success: true } match)
                return Value().Replace(text, v => Fit(match.Groups["v" + v.Groups[1].Value].Value, depth + 1));
        }

        // Several sentences, each by itself.
        if (english.IndexOf(". ", StringComparison.Ordinal) is > 0 and var end)
        {
            var (first, rest) = (english[..(end + 1)], english[(end + 2)..]);
            var (one, others) = (Fit(first, depth + 1), Fit(rest, depth + 1));
            return one == first && others == rest ? english : one + others;
        }

        return english;
    }

    [GeneratedRegex(@"\{(\d)[^}]*\}")]
    private static partial Regex Value();

    /// <summary>The sentences of one language.</summary>
    public static FrozenDictionary<string, string> Load(string code)
    {
        using var file = typeof(PageTexts).Assembly.GetManifestResourceStream($"texts/{code}.json")!;
        return JsonSerializer.Deserialize<Dictionary<string, string>>(file)!.ToFrozenDictionary();
    }
}
