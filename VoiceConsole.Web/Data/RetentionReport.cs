namespace VoiceConsole.Web.Data;

/// <summary>What retention removed.</summary>
/// <param name="Conversations">How many.</param>
/// <param name="Bytes">Of their recordings and events.</param>
/// <param name="Problems">Recordings that could not be deleted, one sentence each; their conversations are kept.</param>
internal sealed record RetentionReport(int Conversations, long Bytes, IReadOnlyList<string> Problems);
