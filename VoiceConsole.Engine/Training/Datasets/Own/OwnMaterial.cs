using System.Text.Json;

namespace VoiceConsole.Engine.Training.Datasets.Own;

/// <summary>What was written by hand: intents, the words for their slots, ways of speaking, provoking prompts. Part of the program.</summary>
internal sealed class OwnMaterial
{
    public const string English = "en";
    public const string Chinese = "zh";
    private const string Folder = "own/";
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web);
    private static readonly Lazy<OwnMaterial> s_instance = new(() => new OwnMaterial());

    private OwnMaterial()
    {
        var assembly = typeof(OwnMaterial).Assembly;
        Intents = [.. assembly.GetManifestResourceNames().Where(n => n.StartsWith(Folder + "Intents/", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(Read<OwnIntent>)];
        Slots = Read<Dictionary<string, Dictionary<string, string[]>>>(Folder + "slots.json");
        Styles = Read<Dictionary<string, OwnStyle>>(Folder + "style.json");
        Provoking = Read<ProvokingPrompt[]>(Folder + "provoking.json");
        Blind = Read<Dictionary<string, Dictionary<string, string>>>(Folder + "heldout.json");

        T Read<T>(string name)
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            return JsonSerializer.Deserialize<T>(stream, s_json)!;
        }
    }

    public static OwnMaterial Instance => s_instance.Value;

    public IReadOnlyList<OwnIntent> Intents { get; }

    /// <summary>Language, slot, words.</summary>
    public IReadOnlyDictionary<string, Dictionary<string, string[]>> Slots { get; }

    /// <summary>By language.</summary>
    public IReadOnlyDictionary<string, OwnStyle> Styles { get; }

    public IReadOnlyList<ProvokingPrompt> Provoking { get; }

    /// <summary>Language, intent, prompt: see <see cref="HeldOutSet.Blind"/>.</summary>
    public IReadOnlyDictionary<string, Dictionary<string, string>> Blind { get; }

    /// <summary>Every prompt of a language that no training set may hold, in plain words.</summary>
    public HashSet<string> NotToTeach(string language) =>
        [.. Intents.SelectMany(i => i.In(language).HeldOut).Concat(Blind[language].Values).Concat(Provoking.Select(p => p.Text)).Select(PlainWords.Of)];
}
