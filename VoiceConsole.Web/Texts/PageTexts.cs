using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Components;

namespace VoiceConsole.Web.Texts;

/// <summary>
/// The pages' own words in the reader's language. The English sentence is the key and stands in the page's source; the other
/// languages lie in Texts/*.json. What is missing there is shown in English, and a test finds it.
/// </summary>
/// <remarks>One for each page that is open. Not a resx: the console has one culture, the invariant one, and its figures stay as they are.</remarks>
internal sealed class PageTexts
{
    public const string English = "en", Chinese = "zh";

    /// <summary>The languages by the names they give themselves.</summary>
    public static IReadOnlyList<(string Code, string Name)> Languages { get; } = [(English, "English"), (Chinese, "简体中文")];

    private static readonly FrozenDictionary<string, string> s_chinese = Load(Chinese);
    private static readonly FrozenDictionary<string, string> s_english = FrozenDictionary<string, string>.Empty;

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

    /// <summary>A sentence with marks in it, such as &lt;strong&gt;. Never with anybody's text.</summary>
    public MarkupString Markup(string english) => new(this[english]);

    /// <summary>The sentences of one language.</summary>
    public static FrozenDictionary<string, string> Load(string code)
    {
        using var file = typeof(PageTexts).Assembly.GetManifestResourceStream($"texts/{code}.json")!;
        return JsonSerializer.Deserialize<Dictionary<string, string>>(file)!.ToFrozenDictionary();
    }
}
