namespace VoiceConsole.Web.Data;

/// <summary>The database cannot be used.</summary>
internal sealed class StorageException(string what, string remedy, Exception? inner = null) : Exception($"{what} {remedy}", inner)
{
    /// <summary>What is wrong, in one sentence.</summary>
    public string What { get; } = what;

    /// <summary>What to do about it, in one sentence.</summary>
    public string Remedy { get; } = remedy;
}
