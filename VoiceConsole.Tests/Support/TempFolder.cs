namespace VoiceConsole.Tests.Support;

/// <summary>A folder of a test's own, deleted after it.</summary>
internal sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("voiceconsole-test-").FullName;

    public static string operator /(TempFolder folder, string name) => System.IO.Path.Combine(folder.Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
