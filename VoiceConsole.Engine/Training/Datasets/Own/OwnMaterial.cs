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
}
