using Microsoft.EntityFrameworkCore;
using VoiceConsole.Engine;

namespace VoiceConsole.Web.Data;

/// <summary>Takes a conversation away for good.</summary>
internal static class ConversationEraser
{
    /// <exception cref="IOException">The recording cannot be deleted; the conversation is kept.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public static async Task EraseAsync(ConsoleContext context, ConsolePaths paths, ConversationRow conversation, CancellationToken cancellationToken)
    {
        // The sound first: a row without sound can be deleted next time, sound without a row never would be.
        if (RecordingFolder.Own(paths, conversation.Recording) is { } folder)
            Directory.Delete(folder, recursive: true);
        await context.Conversations.Where(c => c.Id == conversation.Id).ExecuteDeleteAsync(cancellationToken);
    }

    public static string Describe(ConversationRow conversation, Exception error) =>
        $"The recording {conversation.Recording} could not be deleted: {error.Message}";
}
