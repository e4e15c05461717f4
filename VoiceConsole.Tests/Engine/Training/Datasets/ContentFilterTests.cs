using VoiceConsole.Engine.Training.Datasets.Cleaning;
using VoiceConsole.Engine.Training.Datasets.Own;

namespace VoiceConsole.Tests.Engine.Training.Datasets;

public class ContentFilterTests
{
    private static readonly ContentFilter s_filter = new();

    /// <summary>The lists were tuned on the first part of the set only; the second was counted.</summary>
    [Theory]
    [InlineData("en", "tune")]
    [InlineData("en", "held out")]
    [InlineData("zh", "tune")]
    [InlineData("zh", "held out")]
    public void LabelledSet_IsToldApart_WithPrecisionAndRecallOf95Percent(string language, string part)
    {
        var (precision, recall, kinds, wrong) = Measured(language, part);
        Assert.True(precision >= 0.95 && recall >= 0.95, $"precision {precision:0.000}, recall {recall:0.000}\n{(part == "tune" ? wrong : "")}");
        Assert.True(kinds >= 0.9, $"right kind {kinds:0.000}");
    }

    /// <summary>No threshold: the lists were not made for these sentences, and shall not be. The figures tell what they are worth elsewhere.</summary>
    [Theory]
    [InlineData("en")]
    [InlineData("zh")]
    public void BlindPart_IsMeasured(string language) => Assert.InRange(Measured(language, "blind").Precision, 0.5, 1);

    private static (double Precision, double Recall, double Kinds, string Wrong) Measured(string language, string part)
    {
        var lines = Labelled(language).Where(l => l.Part == part).ToArray();
        var found = lines.Where(l => s_filter.Find(l.Text) is not null).ToArray();
        var unwanted = lines.Count(l => l.Label != "none");
        var hits = found.Count(l => l.Label != "none");
        var (precision, recall) = ((double)hits / found.Length, (double)hits / unwanted);
        var kinds = (double)found.Count(l => l.Label == s_filter.Find(l.Text)!.Category) / hits;
        TestContext.Current.SendDiagnosticMessage($"{language} {part}: {lines.Length} lines, precision {precision:0.000}, recall {recall:0.000}, right kind {kinds:0.000}");
        return (precision, recall, kinds, string.Join("\n", lines.Where(l => (s_filter.Find(l.Text) is not null) != (l.Label != "none")).Select(l => $"{l.Label}: {l.Text} {s_filter.Find(l.Text)}")));
    }

    [Theory]
    [InlineData("en")]
    [InlineData("zh")]
    public void LabelledSet_HasAtLeast150Lines_HalfOfThemHarmless(string language)
    {
        var lines = Labelled(language);
        Assert.True(lines.Count >= 150 && lines.Select(l => l.Text).Distinct().Count() == lines.Count);
        Assert.InRange(lines.Count(l => l.Label == "none") / (double)lines.Count, 0.45, 0.6);
        Assert.True(lines.Count(l => l.Part == "held out") >= 120);
        Assert.Subset(new HashSet<string>([.. ContentFilter.Categories, "none"]), lines.Select(l => l.Label).ToHashSet());
    }

    [Fact]
    public void RepliesOfTheProjectsOwnData_AreNeverFlagged()
    {
        var replies = OwnDataset.Generate(1, 400_000).SelectMany(r => r.Messages).Where(m => m.Role == "assistant").Select(m => m.Content).Distinct();
        Assert.DoesNotContain(replies, r => s_filter.Find(r) is not null);
    }

    private static List<(string Part, string Label, string Text)> Labelled(string language)
    {
        using var reader = new StreamReader(typeof(ContentFilterTests).Assembly.GetManifestResourceStream($"labelled.{language}.txt")!);
        var (lines, part) = (new List<(string, string, string)>(), "");
        foreach (var line in reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith('#'))
                part = line[2..];
            else
                lines.Add((part, line.Split('\t')[0], line.Split('\t')[1]));
        }

        return lines;
    }
}
