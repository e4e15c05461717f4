namespace VoiceConsole.Web.Data;

/// <summary>What a conversation's row needs beside its events.</summary>
/// <param name="Id">The conversation.</param>
/// <param name="Recording">As <see cref="ConversationRow.Recording"/>.</param>
/// <param name="Owner">As <see cref="ConversationRow.Owner"/>.</param>
internal sealed record ConversationSource(Guid Id, string? Recording, string Owner);
