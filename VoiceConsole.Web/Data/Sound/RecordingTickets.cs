using System.Collections.Concurrent;
using System.Security.Cryptography;
using VoiceConsole.Engine.Audio;
using VoiceConsole.Web.Live;

namespace VoiceConsole.Web.Data;

/// <summary>
/// Lets an open page listen to the recording that it shows, and nobody else: the address holds a secret that the page was given
/// and that ends with it, and that only its own browser can use. Thread-safe.
/// </summary>
internal sealed class RecordingTickets(BrowserSessions browsers)
{
    /// <summary>The tracks by the names that addresses use.</summary>
    public static readonly IReadOnlyDictionary<string, string> Files = new Dictionary<string, string>
    {
        ["microphone"] = TrackRecorder.Microphone,
        ["loopback"] = TrackRecorder.Loopback,
        ["processed"] = TrackRecorder.Processed,
    };

    private readonly ConcurrentDictionary<string, (string Folder, string Browser)> _folders = new();

    private BrowserSessions Browsers => browsers;

    /// <summary>A ticket for a folder in data/recordings.</summary>
    /// <param name="folder">Where its tracks are.</param>
    /// <param name="browser">The page's.</param>
    public string Issue(string folder, string browser)
    {
        var ticket = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
        _folders[ticket] = (folder, browser);
        return ticket;
    }

    public void Withdraw(string ticket) => _folders.TryRemove(ticket, out _);

    /// <summary>Where a page finds these tracks together.</summary>
    public static string Address(string ticket, IEnumerable<string> tracks) => $"recordings/{ticket}?tracks={string.Join(',', tracks)}";

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/recordings/{ticket}", Serve);

    private static IResult Serve(HttpContext context, string ticket, string? tracks, RecordingTickets tickets)
    {
        context.Response.Headers.CacheControl = "no-store";
        var names = (tracks ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries).Distinct().ToArray();
        if (!tickets._folders.TryGetValue(ticket, out var issued) || tickets.Browsers.Of(context) != issued.Browser || names.Length == 0 || !names.All(Files.ContainsKey))
            return Results.NotFound();
        try
        {
            var paths = names.Select(n => Path.Combine(issued.Folder, Files[n])).Where(File.Exists).ToArray();
            return paths.Length == 0 ? Results.NotFound() : Results.File(new MixedTracks(paths), "audio/wav", enableRangeProcessing: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return Results.NotFound();
        }
    }
}
