using VoiceConsole.Engine.Audio.Devices;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Web.Commands;
using VoiceConsole.Web.Data;

namespace VoiceConsole.Web.Settings;

/// <summary>When a change is felt.</summary>
public enum SettingTakesEffect
{
    NextConversation,
    AtOnce,
}

public enum SettingKind
{
    Text,
    LongText,
    Number,
    Switch,
    Choice,
}

/// <summary>One setting: how it is shown, what it may be, and where it goes. The one list of them is <see cref="All"/>.</summary>
/// <param name="Id">Its name in <see cref="ConsoleSettings"/>.</param>
/// <param name="Group">Heading that it stands under.</param>
/// <param name="Name">For people, with its unit.</param>
/// <param name="Hint">What it does, in a sentence; may be empty.</param>
/// <param name="Kind">How it is entered.</param>
public sealed record SettingField(string Id, string Group, string Name, string Hint, SettingKind Kind)
{
    /// <summary>Switches of the command line that set the same for one run.</summary>
    public IReadOnlyList<string> Switches { get; init; } = [];

    public SettingTakesEffect TakesEffect { get; init; }

    /// <summary>Numbers only: bounds, both allowed.</summary>
    public double Least { get; init; }

    public double Most { get; init; } = double.MaxValue;

    /// <summary>Numbers only: without a fraction.</summary>
    public bool IsWhole { get; init; }

    /// <summary>Texts only.</summary>
    public int Longest { get; init; } = 200;

    /// <summary>Choices only; the first is no more the default than any other.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    public static IReadOnlyList<SettingField> All { get; } =
    [
        Choice(nameof(ConsoleSettings.Device), "Devices", "Sound", "The machine's own devices, or a simulated room in which you write what the user says.", "--device", ["host", "room"]),
        new(nameof(ConsoleSettings.Microphone), "Devices", "Microphone", "Part of its name, or its number; the system's own where empty.", SettingKind.Text) { Switches = ["--mic"] },
        new(nameof(ConsoleSettings.Loudspeaker), "Devices", "Loudspeaker", "Part of its name, or its number; the system's own where empty.", SettingKind.Text) { Switches = ["--speaker"] },
        Choice(nameof(ConsoleSettings.Room), "Devices", "Simulated room", "", "--room", [.. RoomOptions.Presets.Select(p => p.Name)]),
        Choice(nameof(ConsoleSettings.Canceller), "Devices", "Echo canceller", "What takes the loudspeaker out of the microphone; none is for headphones.", "--canceller", EngineLoader.Cancellers),
        Number(nameof(ConsoleSettings.SpeechThreshold), "Thresholds", "Speech threshold, 0 to 1", "Probability from which a sound counts as speech. Higher in a noisy room.", 0.05, 0.95),
        Number(nameof(ConsoleSettings.MinSpeechMs), "Thresholds", "Speech that begins a turn, ms", "", 10, 2000),
        Number(nameof(ConsoleSettings.MinBargeInMs), "Thresholds", "Speech that stops a reply, ms", "Not shorter than what begins a turn.", 10, 5000),
        Number(nameof(ConsoleSettings.HangOverMs), "Thresholds", "Silence that ends a turn, ms", "The end-of-turn delay: shorter answers sooner, longer lets people think.", 100, 5000),
        Number(nameof(ConsoleSettings.MaxTurnSeconds), "Thresholds", "Longest turn, s", "", 1, 110),
        Choice(nameof(ConsoleSettings.Language), "Conversation", "Language of the conversation", "", "--language", ["en", "zh"]),
        new(nameof(ConsoleSettings.SystemPrompt), "Conversation", "System prompt", "What the model is told before the conversation.", SettingKind.LongText) { Switches = ["--system"], Longest = 8000 },
        Switch(nameof(ConsoleSettings.Prefill), "Conversation", "Read ahead while the user still speaks", "--no-prefill"),
        Switch(nameof(ConsoleSettings.PauseMicrophone), "Conversation", "Ignore the microphone until the first token", "--pause-mic"),
        Switch(nameof(ConsoleSettings.AdultModels), "Conversation", "Models that were made for adult content", CommandRun.Adult) with { TakesEffect = SettingTakesEffect.AtOnce },
        Number(nameof(ConsoleSettings.MaxReplyTokens), "Budgets", "Longest reply, tokens", "", 1, 100_000, "--max-tokens") with { IsWhole = true },
        Number(nameof(ConsoleSettings.SummarizeAt), "Budgets", "Share of the context that history may fill", "Beyond it the older half is summarised.", 0.1, 0.95, "--summarize-at"),
        Number(nameof(ConsoleSettings.FirstTokenSeconds), "Budgets", "Time for the first token, s", "Then the model is asked again, or the fallback.", 0.1, 600),
        Number(nameof(ConsoleSettings.StallSeconds), "Budgets", "Time between tokens, s", "", 0.1, 600),
        Number(nameof(ConsoleSettings.LatencyBudgetMs), "Budgets", "Latency of a turn, ms", "What takes longer is listed on the Latency page.", 1, 60_000) with { TakesEffect = SettingTakesEffect.AtOnce },
        Switch(nameof(ConsoleSettings.Record), "Kept", "Record conversations", "--no-record"),
        Number(nameof(ConsoleSettings.KeepGigabytes), "Kept", "Keep at most, GB", "The oldest conversations beyond it are deleted.", 0.001, 100_000, "--keep-gb") with { TakesEffect = SettingTakesEffect.AtOnce },
        Number(nameof(ConsoleSettings.KeepDays), "Kept", "Keep for, days", "Older conversations are deleted; empty keeps them.", 0.01, 36_500, "--keep-days") with { TakesEffect = SettingTakesEffect.AtOnce },
    ];

    /// <summary>What serves where nothing is set.</summary>
    public string Default => Id switch
    {
        nameof(ConsoleSettings.Room) => "office",
        nameof(ConsoleSettings.AdultModels) => SettingText.Off,
        nameof(ConsoleSettings.Canceller) => EngineLoader.DefaultCanceller,
        nameof(ConsoleSettings.KeepGigabytes) => SettingText.Of(RetentionOptions.DefaultBytes / 1e9),
        _ => SettingText.Of(SettingText.Get(SettingsApplied.From(new ConversationRequest()), this)),
    };

    private static SettingField Choice(string id, string group, string name, string hint, string @switch, IReadOnlyList<string> choices) =>
        new(id, group, name, hint, SettingKind.Choice) { Switches = [@switch], Choices = choices };

    private static SettingField Number(string id, string group, string name, string hint, double least, double most, params string[] switches) =>
        new(id, group, name, hint, SettingKind.Number) { Least = least, Most = most, Switches = switches };

    private static SettingField Switch(string id, string group, string name, string @switch) => new(id, group, name, "", SettingKind.Switch) { Switches = [@switch] };
}
