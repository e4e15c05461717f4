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
    /// <summary>What it was held with, as far as that is known and still to be had; the rest as conversations are held now.</summary>
    /// <param name="stored">The conversation.</param>
    /// <param name="models">What lies in models/.</param>
    /// <param name="now">What the next conversation would use.</param>
    public static RerunConfiguration Of(StoredConversation stored, IReadOnlyList<LocalModel> models, ConversationRequest now)
    {
        var row = stored.Row;
        var held = stored.Events.OfType<ConversationStarted>().FirstOrDefault()?.Options;
        return new RerunConfiguration(
            Known(row.Canceller, EngineLoader.Cancellers) ?? EngineLoader.DefaultCanceller,
            Known(row.Recognizer, EngineLoader.Recognizers),
            ModelOf(row.Model, models, now),
            Known(row.Voice, EngineLoader.Voices),
            held is not null && held.Validate().Count == 0 ? held : now.Options);
    }

    /// <summary>The options came with the recording.</summary>
    public static bool Remembers(StoredConversation stored) => stored.Events.OfType<ConversationStarted>().FirstOrDefault()?.Options is { } held && held.Validate().Count == 0;

    // A stored name may be anybody's text: it only chooses among what is here.
    private static string? ModelOf(string name, IReadOnlyList<LocalModel> models, ConversationRequest now)
    {
        if (name == $"{EngineLoader.DefaultModel}.gguf")
            return null;
        return models.FirstOrDefault(m => m.Problem is null && Path.GetFileName(m.File) == name)?.File
            ?? (now.LanguageModel is { } used && ModelAddress.Parse(used).Name == name ? used : null);
    }

    private static string? Known(string id, IReadOnlyList<string> all) => all.Contains(id) ? id : null;
}
