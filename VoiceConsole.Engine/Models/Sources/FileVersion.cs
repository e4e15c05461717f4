using System.Net.Http.Headers;

namespace VoiceConsole.Engine.Models.Sources;

/// <summary>Which version of a file a broken download is of, kept beside it: the server's strong entity tag, or else its date.</summary>
internal static class FileVersion
{
    /// <returns>Null where the server named none; then only the hash can tell.</returns>
    public static RangeConditionHeaderValue? Read(string file) =>
        File.Exists(Place(file)) && RangeConditionHeaderValue.TryParse(File.ReadAllText(Place(file)), out var version) ? version : null;

    public static async Task WriteAsync(string file, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        RangeConditionHeaderValue? version = response switch
        {
            { Headers.ETag: { IsWeak: false } tag } => new(tag),
            { Content.Headers.LastModified: { } date } => new(date),
            _ => null,
        };
        if (version is null)
            File.Delete(Place(file));
        else
            await File.WriteAllTextAsync(Place(file), version.ToString(), cancellationToken);
    }

    private static string Place(string file) => file + ".version";
}
