using System.Diagnostics;

namespace VoiceConsole.Tests.Support;

/// <summary>A real disk of a few kilobytes, to be filled or made read-only: what root may not write to, either.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly TempFolder _folder = new();

    private SmallDisk() { }

    public string Path => _folder.Path;

    private string Filler => _folder / "filler";

    /// <summary>Mounts it; skips the test, with the reason, where that is not allowed.</summary>
    public static SmallDisk Require(int kilobytes)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux has tmpfs");
        var disk = new SmallDisk();
        if (Run("mount", "-t", "tmpfs", "-o", $"size={kilobytes}k", "tmpfs", disk.Path) is { } refusal)
        {
            disk._folder.Dispose();
            Assert.Skip($"a small disk cannot be mounted: {refusal}");
        }

        return disk;
    }

    /// <summary>Fills it to its last bytes but so many.</summary>
    public void Fill(int except = 0)
    {
        using var filler = new FileStream(Filler, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true)
                filler.Write(new byte[4096]);
        }
        catch (IOException)
        {
            filler.SetLength(filler.Length - except);
        }
    }

    /// <summary>Takes away what <see cref="Fill"/> wrote.</summary>
    public void Free() => File.Delete(Filler);

    public void MakeReadOnly() => Assert.Null(Run("mount", "-o", "remount,ro", Path));

    public void MakeWritable() => Assert.Null(Run("mount", "-o", "remount,rw", Path));

    public void Dispose()
    {
        _ = Run("umount", "-l", Path);
        _folder.Dispose();
    }

    // Null, or what it said.
    private static string? Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? null : said.Trim();
    }
}
