namespace VoiceConsole.Web.Data;

/// <summary>The database cannot be used.</summary>
internal sealed class StorageException(string message, string remedy, Exception? inner = null) : Exception($"{message} {remedy}", inner)
{
    /// <summary>What to do about it, in one sentence.</summary>
    public string Remedy { get; } = remedy;
}
