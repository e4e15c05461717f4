namespace VoiceConsole.Web.Data;

/// <summary>How much is kept. Null means without limit.</summary>
/// <param name="MaxAge">Conversations that began earlier are deleted.</param>
/// <param name="MaxBytes">The oldest are deleted until recordings and events of all take no more.</param>
internal sealed record RetentionOptions(TimeSpan? MaxAge, long? MaxBytes)
{
    public const long DefaultBytes = 10_000_000_000;
}
