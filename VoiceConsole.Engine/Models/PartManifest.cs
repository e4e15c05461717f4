using System.Security.Cryptography;
using System.Text.Json;

namespace VoiceConsole.Engine.Models;

/// <summary>What an installed part consists of, written beside its files when it was installed.</summary>
/// <param name="Version">Of its archives.</param>
/// <param name="Files">SHA-256 by path; links have their target.</param>
internal sealed record PartManifest(string Version, IReadOnlyDictionary<string, string> Files)
{
    private const string FileName = ".manifest.json";

    public static PartManifest? Read(string folder)
    {
        try
        {
            var manifest = JsonSerializer.Deserialize<PartManifest>(File.ReadAllText(Path.Combine(folder, FileName)));
            return manifest is { Version: not null, Files.Count: > 0 } ? manifest : null;
        }
        catch (Exception error) when (error is IOException or JsonException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public static PartManifest Of(string folder, string version) => new(
        version,
        Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None })
            .Where(f => Path.GetFileName(f) != FileName).Order(StringComparer.Ordinal)
            .ToDictionary(f => Path.GetRelativePath(folder, f), Hash));

    public void Write(string folder) => File.WriteAllText(Path.Combine(folder, FileName), JsonSerializer.Serialize(this));

    /// <summary>What its files take on the disk now.</summary>
    public long Bytes(string folder) => Files.Keys.Select(f => new FileInfo(Path.Combine(folder, f))).Where(f => f is { Exists: true, LinkTarget: null }).Sum(f => f.Length);

    /// <summary>One sentence for each file that is not as it was installed.</summary>
    public IReadOnlyList<string> Check(string folder) =>
    [
        .. Files.Select(f =>
        {
            var path = Path.Combine(folder, f.Key);
            if (new FileInfo(path) is { Exists: false, LinkTarget: null })
                return $"{f.Key} is missing.";
            return Hash(path) == f.Value ? null : $"{f.Key} has changed.";
        }).OfType<string>(),
    ];

    private static string Hash(string file)
    {
        if (new FileInfo(file).LinkTarget is { } target)
            return "-> " + target;
        using var stream = File.OpenRead(file);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
