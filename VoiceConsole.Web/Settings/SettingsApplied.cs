using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Language.Servers;
using VoiceConsole.Web.Data;

namespace VoiceConsole.Web.Settings;

/// <summary>What settings make of a conversation's request and of what is kept.</summary>
internal static class SettingsApplied
{
    /// <param name="settings">Valid ones.</param>
    /// <param name="request">What the command line asks for.</param>
    /// <param name="given">Switches that were on the command line; they win.</param>
    public static ConversationRequest To(ConsoleSettings settings, ConversationRequest request, IReadOnlySet<string> given)
    {
        foreach (var field in SettingField.All.Where(f => f.Switches.Any(given.Contains)))
            settings = SettingText.With(settings, field, "");
        var options = request.Options;
        var device = settings.Device ?? request.Device;
        // A microphone's name is no recording.
        var isHost = device == "host";
        return request with
        {
            Device = device,
            Microphone = isHost ? settings.Microphone ?? request.Microphone : request.Microphone,
            Loudspeaker = isHost ? settings.Loudspeaker ?? request.Loudspeaker : request.Loudspeaker,
            Room = settings.Room ?? request.Room,
            Canceller = settings.Canceller ?? request.Canceller,
            Recognizer = given.Contains("--asr") ? request.Recognizer : settings.Engines?.Recognizer ?? request.Recognizer,
            LanguageModel = given.Contains("--llm") || given.Contains("--llm-url") ? request.LanguageModel : settings.Engines?.LanguageModel ?? request.LanguageModel,
            Voice = given.Contains("--tts") ? request.Voice : settings.Engines?.Voice ?? request.Voice,
            Options = options with
            {
                Language = settings.Language ?? options.Language,
                SystemPrompt = settings.SystemPrompt ?? options.SystemPrompt,
                SpeechThreshold = (float)(settings.SpeechThreshold ?? options.SpeechThreshold),
                MinSpeech = Milliseconds(settings.MinSpeechMs) ?? options.MinSpeech,
                MinBargeIn = Milliseconds(settings.MinBargeInMs) ?? options.MinBargeIn,
                HangOver = Milliseconds(settings.HangOverMs) ?? options.HangOver,
                MaxTurn = Seconds(settings.MaxTurnSeconds) ?? options.MaxTurn,
                FirstTokenTimeout = Seconds(settings.FirstTokenSeconds) ?? options.FirstTokenTimeout,
                StallTimeout = Seconds(settings.StallSeconds) ?? options.StallTimeout,
                MaxReplyTokens = settings.MaxReplyTokens ?? options.MaxReplyTokens,
                SummarizeAt = settings.SummarizeAt ?? options.SummarizeAt,
                PauseMicrophoneDuringPrefill = settings.PauseMicrophone ?? options.PauseMicrophoneDuringPrefill,
                PrefillWhileSpeaking = settings.Prefill ?? options.PrefillWhileSpeaking,
                Record = settings.Record ?? options.Record,
            },
        };
    }

    /// <summary>The same for how much is kept.</summary>
    public static RetentionOptions To(ConsoleSettings settings, RetentionOptions limits, IReadOnlySet<string> given) => new(
        given.Contains("--keep-days") || settings.KeepDays is not { } days ? limits.MaxAge : TimeSpan.FromDays(days),
        given.Contains("--keep-gb") || settings.KeepGigabytes is not { } gigabytes ? limits.MaxBytes : (long)(gigabytes * 1e9));

    /// <summary>A request as settings that would lead to it.</summary>
    public static ConsoleSettings From(ConversationRequest request) => new()
    {
        Device = request.Device,
        Microphone = request.Microphone,
        Loudspeaker = request.Loudspeaker,
        Room = request.Room,
        Canceller = request.Canceller,
        Language = request.Options.Language,
        SystemPrompt = request.Options.SystemPrompt,
        SpeechThreshold = Math.Round(request.Options.SpeechThreshold, 3),
        MinSpeechMs = request.Options.MinSpeech.TotalMilliseconds,
        MinBargeInMs = request.Options.MinBargeIn.TotalMilliseconds,
        HangOverMs = request.Options.HangOver.TotalMilliseconds,
        MaxTurnSeconds = request.Options.MaxTurn.TotalSeconds,
        FirstTokenSeconds = request.Options.FirstTokenTimeout.TotalSeconds,
        StallSeconds = request.Options.StallTimeout.TotalSeconds,
        MaxReplyTokens = request.Options.MaxReplyTokens,
        SummarizeAt = request.Options.SummarizeAt,
        PauseMicrophone = request.Options.PauseMicrophoneDuringPrefill,
        Prefill = request.Options.PrefillWhileSpeaking,
        Record = request.Options.Record,
    };

    /// <summary>Why the settings cannot be used together, one sentence each; empty when they can.</summary>
    public static IReadOnlyList<string> Problems(ConsoleSettings settings)
    {
        var single = SettingField.All
            .Select(f => (Field: f, Problem: SettingText.Problem(f, SettingText.Of(SettingText.Get(settings, f)))))
            .Where(p => p.Problem is not null).Select(p => $"{p.Field.Name}: {p.Problem}").ToList();
        foreach (var (name, id) in new[] { ("Recogniser", settings.Engines?.Recognizer), ("Language model", settings.Engines?.LanguageModel), ("Voice", settings.Engines?.Voice) })
        {
            if (id is not null && EngineProblem(id) is { } problem)
                single.Add($"{name}: {problem}");
        }

        return single.Count > 0 ? single : To(settings, new ConversationRequest(), new HashSet<string>()).Options.Validate();
    }

    private static string? EngineProblem(string id)
    {
        if (id.Length is 0 or > EngineSettings.Longest || id.Any(char.IsControl))
            return "This is no engine.";
        try
        {
            _ = ModelAddress.Parse(id);
            return null;
        }
        catch (ArgumentException error)
        {
            return error.Message;
        }
    }

    private static TimeSpan? Milliseconds(double? value) => value is { } some ? TimeSpan.FromMilliseconds(some) : null;

    private static TimeSpan? Seconds(double? value) => value is { } some ? TimeSpan.FromSeconds(some) : null;
}
