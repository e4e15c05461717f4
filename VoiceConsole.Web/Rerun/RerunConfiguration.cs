using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Engine.Language.Servers;
using VoiceConsole.Engine.Models;
using VoiceConsole.Web.Data;

namespace VoiceConsole.Web.Rerun;

/// <summary>What a stored conversation is held with once more. The ids are as a <see cref="ConversationRequest"/> takes them.</summary>
/// <param name="Canceller">One of <see cref="EngineLoader.Cancellers"/>.</param>
/// <param name="Recognizer">Null for the default.</param>
/// <param name="Model">Null for the default.</param>
/// <param name="Voice">Null for the default.</param>
/// <param name="Options">Thresholds, guard and manners.</param>
public sealed record RerunConfiguration(string Canceller, string? Recognizer, string? Model, string? Voice, ConversationOptions Options)
{
    private static readonly string s_defaultModel = $"{EngineLoader.DefaultModel}.gguf", s_defaultVoice = $"{EngineLoader.DefaultEnglishVoice} + {EngineLoader.DefaultVoice}";

    /// <summary>What it was held with, as far as that is known and still to be had; the rest as conversations are held now.</summary>
    /// <param name="stored">The conversation.</param>
    /// <param name="models">What lies in models/.</param>
    /// <param name="speech">The same of recognisers and voices.</param>
    /// <param name="now">What the next conversation would use.</param>
    public static RerunConfiguration Of(StoredConversation stored, IReadOnlyList<LocalModel> models, IReadOnlyList<LocalSpeech> speech, ConversationRequest now)
    {
        var row = stored.Row;
        var held = stored.Events.OfType<ConversationStarted>().FirstOrDefault()?.Options;
        var (canceller, recognizer, model, voice) = (
            Known(row.Canceller, EngineLoader.Cancellers),
            Local(row.Recognizer, EngineKind.Recognizer, EngineLoader.Recognizers, speech),
            ModelOf(row.Model, models, now),
            VoiceOf(row.Voice, speech));
        return new RerunConfiguration(canceller ?? EngineLoader.DefaultCanceller, recognizer, model, voice, held is not null && held.Validate().Count == 0 ? held : now.Options)
        {
            Missing =
            [
                .. canceller is null ? [row.Canceller] : Array.Empty<string>(),
                .. recognizer is null ? [row.Recognizer] : Array.Empty<string>(),
                .. model is null && row.Model != s_defaultModel ? [row.Model] : Array.Empty<string>(),
                .. voice is null && row.Voice != s_defaultVoice ? [row.Voice] : Array.Empty<string>(),
            ],
        };
    }

    /// <summary>Engines that it was held with and that are not here any more, as they were stored: the defaults stand in for them.</summary>
    public IReadOnlyList<string> Missing { get; private init; } = [];

    /// <summary>The options came with the recording.</summary>
    public static bool Remembers(StoredConversation stored) => stored.Events.OfType<ConversationStarted>().FirstOrDefault()?.Options is { } held && held.Validate().Count == 0;

    // A stored name may be anybody's text: it only chooses among what is here.
    private static string? ModelOf(string name, IReadOnlyList<LocalModel> models, ConversationRequest now)
    {
        if (name == s_defaultModel)
            return null;
        return models.FirstOrDefault(m => m.Problem is null && !m.IsAdapter && Path.GetFileName(m.File) == name)?.File
            ?? (now.LanguageModel is { } used && ModelAddress.Parse(used).Name == name ? used : null);
    }

    // Each sentence went to the first of several that speaks its language.
    private static string? VoiceOf(string name, IReadOnlyList<LocalSpeech> speech)
    {
        if (name == s_defaultVoice)
            return null;
        var voices = name.Split(" + ").Select(v => Local(v, EngineKind.Voice, EngineLoader.Voices, speech)).ToList();
        return voices.Contains(null) ? null : string.Join(',', voices);
    }

    private static string? Local(string name, EngineKind kind, IReadOnlyList<string> own, IReadOnlyList<LocalSpeech> speech) =>
        Known(name, own) ?? speech.FirstOrDefault(s => s.Kind == kind && s.Problem is null && s.Name == name)?.Path;

    private static string? Known(string id, IReadOnlyList<string> all) => all.Contains(id) ? id : null;
}
