using VoiceConsole.Engine;

namespace VoiceConsole.Web.Commands.Bench;

/// <summary>A folder in data/ for what a benchmark makes. Gone after the run.</summary>
internal sealed class BenchFolder(ConsolePaths paths) : IDisposable
{
    public string Path { get; } = Directory.CreateDirectory(ConsolePaths.Inside(paths.Data, $"bench-{Guid.NewGuid():N}")).FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
