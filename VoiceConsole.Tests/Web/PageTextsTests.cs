using System.Collections.Frozen;
using System.Text.RegularExpressions;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Telemetry;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Settings;
using VoiceConsole.Web.Texts;

namespace VoiceConsole.Tests.Web;

public sealed partial class PageTextsTests
{
    private static readonly FrozenDictionary<string, string> s_chinese = PageTexts.Load(PageTexts.Chinese);
    private static readonly FrozenDictionary<string, string> s_told = PageTexts.Load($"{PageTexts.Chinese}.told");

    [Fact]
    public void EverySentenceOfThePages_IsThereInChinese()
    {
        var missing = Sources().SelectMany(Keys).Distinct().Where(k => !s_chinese.ContainsKey(k)).ToList();
        Assert.Empty(missing);
        Assert.True(Sources().SelectMany(Keys).Distinct().Count() > 300);
    }

    [Fact]
    public void EveryWordThatPagesMakeOfData_IsThereInChinese() => Assert.All(
        TurnTimeline.StageNames
            .Concat(SettingField.All.SelectMany(f => (string[])[f.Group, f.Name, f.Hint])).Concat(SettingField.All.Where(f => f.Kind == SettingKind.Switch).Select(f => f.Default))
            .Concat(["answered", "interrupted", "dropped", "failed", "Starting", "Stopped", "Listening", "Hearing you", "Thinking", "Speaking"])
            .Where(t => t.Length > 0),
        t => Assert.True(s_chinese.ContainsKey(t), t));

    [Fact]
    public void EveryTranslation_TakesTheSameValuesAndMarks() => Assert.All(s_chinese.Concat(s_told), pair =>
    {
        Assert.Equal(Values().Matches(pair.Key).Select(m => m.Value).Order(), Values().Matches(pair.Value).Select(m => m.Value).Order());
        Assert.Equal(Marks().Matches(pair.Key).Select(m => m.Value).Order(), Marks().Matches(pair.Value).Select(m => m.Value).Order());
        Assert.NotEmpty(pair.Value);
    });

    [Theory]
    [InlineData("Somebody speaks: 320 ms of speech, of which the echo explains nothing.", "有人在说话：320 毫秒语音，回声完全解释不了。")]
    [InlineData("model: tiny gave an empty reply.", "模型：tiny 给出了空回答。")]
    [InlineData("The flite needs The alsa, which could not be had.", "The flite 需要 The alsa，而它无法得到。")]
    [InlineData("model: tiny gave an empty reply. Ask again, or choose another model.", "模型：tiny 给出了空回答。请再问一次，或选择另一个模型。")]
    [InlineData("Nobody has translated this.", "Nobody has translated this.")]
    public void SentenceMadeElsewhere_IsToldByItsPattern(string english, string told)
    {
        Assert.Equal(told, new PageTexts { Language = PageTexts.Chinese }.Told(english));
        Assert.Equal(english, new PageTexts().Told(english));
    }

    [Fact]
    public void AnySentence_IsToldInAMoment_HoweverItRuns() => CsCheck.Check.Sample(CsCheck.Gen.String, text => Assert.NotNull(new PageTexts { Language = PageTexts.Chinese }.Told(text)));

    [Fact]
    public void Text_InALanguageThatIsNotKnown_IsEnglish()
    {
        var texts = new PageTexts { Language = "tlh" };
        Assert.Equal(("en", "Live", "3 of 5"), (texts.Language, texts["Live"], texts["{0} of 5", 3]));
        texts.Language = PageTexts.Chinese;
        Assert.Equal(("zh-Hans", "实时", "not translated"), (texts.Tag, texts["Live"], texts["not translated"]));
    }

    // The pages' source is only there where the tests are built.
    private static IEnumerable<string> Sources()
    {
        var folder = Path.Combine(Path.GetDirectoryName(ConsolePaths.Find().Models)!, "VoiceConsole.Web");
        Assert.SkipUnless(Directory.Exists(folder), $"{folder} is not on this machine");
        return new[] { "Components", "Live", "Settings" }.SelectMany(f => Directory.EnumerateFiles(Path.Combine(folder, f), "*.*", SearchOption.AllDirectories))
            .Where(f => f.EndsWith(".razor", StringComparison.Ordinal) || f.EndsWith(".cs", StringComparison.Ordinal)).Select(File.ReadAllText);
    }

    private static IEnumerable<string> Keys(string source) => Texts().Matches(source).Select(m => Regex.Unescape(m.Groups[1].Value));

    [GeneratedRegex("""\b[Tt](?:\.Markup\(|\[)"((?:[^"\\]|\\.)*)""")]
    private static partial Regex Texts();

    [GeneratedRegex(@"\{\d[^}]*\}")]
    private static partial Regex Values();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Marks();
}
