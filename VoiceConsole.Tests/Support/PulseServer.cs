using System.Diagnostics;
using System.Runtime.InteropServices;

namespace VoiceConsole.Tests.Support;

/// <summary>A sound server of the test's own, with one loudspeaker whose sound is what the microphone hears.</summary>
internal sealed partial class PulseServer : IDisposable
{
    private readonly TempFolder _folder;
    private readonly Process _process;
    private bool _isDisposed;

    private PulseServer(TempFolder folder, Process process) => (_folder, _process) = (folder, process);

    /// <summary>Starts it; skips the test, with the reason, where PulseAudio or ALSA's way to it is not installed.</summary>
    public static async Task<PulseServer> StartAsync(int rate = 16_000, int channels = 1)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/pulseaudio"), "pulseaudio is not installed");
        Assert.SkipUnless(
            Directory.Exists("/usr/lib/x86_64-linux-gnu/alsa-lib") && Directory.EnumerateFiles("/usr/lib/x86_64-linux-gnu/alsa-lib", "*pcm_pulse*").Any(),
            "libasound2-plugins is not installed");
        var folder = new TempFolder();
        var socket = folder / "native";
        var start = new ProcessStartInfo("/usr/bin/pulseaudio")
        {
            ArgumentList =
            {
                // A client waits for ever for memory shared with a server that was killed.
                "-n", "--disable-shm=yes", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1", "--disallow-exit",
                "-L", $"module-null-sink sink_name=room rate={rate} channels={channels}",
                "-L", $"module-native-protocol-unix auth-anonymous=1 socket={socket}",
            },
        };
        start.Environment["HOME"] = start.Environment["XDG_RUNTIME_DIR"] = folder.Path;
        var server = new PulseServer(folder, Process.Start(start)!);
        using var arrived = new FileSystemWatcher(folder.Path);
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        arrived.Created += (_, e) =>
        {
            if (e.Name == "native")
                ready.TrySetResult();
        };
        arrived.EnableRaisingEvents = true;
        if (!File.Exists(socket))
            await ready.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        // The native side reads the process's own environment, which .NET's copy does not reach.
        _ = SetEnvironment("PULSE_SERVER", $"unix:{socket}", 1);
        return server;
    }

    /// <summary>Ends it, once.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
            return;
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _folder.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
