namespace VoiceConsole.Web.Settings;

/// <summary>What a person has set on the Settings page. Null leaves a thing as it is by default. Kept as data/settings.json, and exported and imported as it is.</summary>
public sealed record ConsoleSettings
{
    /// <summary>Of the file's form; another is not read.</summary>
    public const int CurrentVersion = 1;

    public int Version { get; init; } = CurrentVersion;

    /// <summary>"host" or "room".</summary>
    public string? Device { get; init; }

    /// <summary>The input device's name or number.</summary>
    public string? Microphone { get; init; }

    /// <summary>The output device's name or number.</summary>
    public string? Loudspeaker { get; init; }

    /// <summary>Preset of the simulated room.</summary>
    public string? Room { get; init; }

    /// <summary>One of the engines' ids.</summary>
    public string? Canceller { get; init; }

    /// <summary>The conversation's: "en" or "zh".</summary>
    public string? Language { get; init; }

    public string? SystemPrompt { get; init; }

    /// <summary>0 to 1.</summary>
    public double? SpeechThreshold { get; init; }

    public double? MinSpeechMs { get; init; }

    public double? MinBargeInMs { get; init; }

    public double? HangOverMs { get; init; }

    public double? MaxTurnSeconds { get; init; }

    public double? FirstTokenSeconds { get; init; }

    public double? StallSeconds { get; init; }

    public int? MaxReplyTokens { get; init; }

    /// <summary>Share of the context, 0.1 to 0.95.</summary>
    public double? SummarizeAt { get; init; }

    public bool? PauseMicrophone { get; init; }

    public bool? Prefill { get; init; }

    public bool? Record { get; init; }

    /// <summary>Whether models that were made for adult content are listed and loaded.</summary>
    public bool? AdultModels { get; init; }

    /// <summary>No turn should take longer, in milliseconds.</summary>
    public double? LatencyBudgetMs { get; init; }

    public double? KeepGigabytes { get; init; }

    public double? KeepDays { get; init; }

    /// <summary>What was chosen on the Models page; null where the defaults serve.</summary>
    public EngineSettings? Engines { get; init; }
}

/// <summary>Engines as a conversation's request has them, with paths that begin in models/; null is the default.</summary>
public sealed record EngineSettings
{
    /// <summary>Of each.</summary>
    public const int Longest = 1000;

    public string? Recognizer { get; init; }

    public string? LanguageModel { get; init; }

    public string? Voice { get; init; }
}
