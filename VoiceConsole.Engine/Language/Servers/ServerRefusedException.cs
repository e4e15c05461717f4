using System.Net;

namespace VoiceConsole.Engine.Language.Servers;

/// <summary>A model server did not take a request.</summary>
/// <param name="what">Which server, and its answer's status.</param>
/// <param name="status">The same as a number.</param>
/// <param name="reason">The server's own words; empty where it has none.</param>
internal sealed class ServerRefusedException(string what, HttpStatusCode status, string reason)
    : HttpRequestException(reason.Length > 0 ? $"{what}: {reason}" : $"{what}.", null, status)
{
    public string Reason { get; } = reason;
}
