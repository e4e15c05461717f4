using VoiceConsole.Engine.Models;

namespace VoiceConsole.Engine.Speech.Sherpa;

/// <summary>
/// A copy of a model's files to load from, gone afterwards. sherpa-onnx ends the process over a damaged file, so what was checked
/// must be what it reads, whoever writes to the model meanwhile. Costs no room where the disk shares blocks.
/// </summary>
internal sealed class SherpaCopy : IDisposable
{
    // In models/, and listed by nobody.
    private const string Loading = ".loading";

    private static readonly TimeSpan s_longestLoad = TimeSpan.FromHours(1);

    private readonly string _folder;
    private readonly FileStamps _stamps;

    /// <param name="folder">Of the model.</param>
    /// <param name="models">models/.</param>
    public SherpaCopy(string folder, string models)
    {
        var files = Directory.GetFiles(folder);
        _stamps = new FileStamps(files);
        var loading = Directory.CreateDirectory(Path.Combine(models, Loading));
        // Of a console that was killed while it loaded.
        foreach (var old in loading.EnumerateDirectories().Where(d => DateTime.UtcNow - d.CreationTimeUtc > s_longestLoad))
            old.Delete(recursive: true);
        _folder = loading.CreateSubdirectory($"{Guid.NewGuid():N}").FullName;
        try
        {
            foreach (var file in files)
                File.Copy(file, Path.Combine(_folder, Path.GetFileName(file)));
            Model = SherpaModel.Find(_folder, folder);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What the copy holds; null for no model.</summary>
    public SherpaModel? Model { get; }

    /// <exception cref="InvalidDataException">The model's own files have changed since.</exception>
    public void RequireSame() => _stamps.RequireSame();

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
