using VoiceConsole.Engine;
using VoiceConsole.Engine.Models;

namespace VoiceConsole.Tests.Support;

/// <summary>The real parts, fetched once into the project's models folder.</summary>
internal static class Parts
{
    public static ModelStore Store { get; } = new(ConsolePaths.Find());

    /// <summary>Folders of a part and of what it needs; skips the test, with the reason, where it cannot be had.</summary>
    public static async Task<string[]> FoldersAsync(string id)
    {
        try
        {
            return [.. (await Store.RequireAsync(id, null, TestContext.Current.CancellationToken)).Folders];
        }
        catch (ModelUnavailableException error)
        {
            Assert.Skip($"{error.Message} {error.Remedy}");
            throw;
        }
    }
}
