using System.ComponentModel;
using System.Diagnostics;
using VoiceConsole.Engine;
using VoiceConsole.Web.Commands;

namespace VoiceConsole.Web.Live.Training;

/// <summary>
/// A train command as a process of its own, below the console in priority: whatever it costs, and even if native code ends it, the
/// conversation goes on.
/// </summary>
internal sealed class TrainProcess : IDisposable
{
    // A step and a checkpoint of a large model on a busy machine; killed before its first checkpoint a run leaves nothing.
    private static readonly TimeSpan s_timeToStop = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Task<string> _errors;

    public TrainProcess(ConsolePaths paths, params IEnumerable<string> arguments)
    {
        var program = typeof(CommandLine).Assembly.Location;
        // Published as a program of its own there is no dotnet to run it with.
        var own = Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == Path.GetFileNameWithoutExtension(program) ? path : null;
        var start = new ProcessStartInfo(own ?? "dotnet", [.. own is null ? new[] { program } : [], "train", .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["VOICECONSOLE_HOME"] = Path.GetDirectoryName(paths.Data);
        _process = Process.Start(start) ?? throw new InvalidOperationException("The training cannot be started.");
        _errors = _process.StandardError.ReadToEndAsync();
        try
        {
            _process.PriorityClass = ProcessPriorityClass.BelowNormal;
        }
        catch (Exception error) when (error is InvalidOperationException or Win32Exception)
        {
            // It has ended already; its exit code tells why.
        }
    }

    /// <summary>Reads its lines until it ends.</summary>
    /// <returns>Its exit code, and what it complained of; empty for nothing.</returns>
    public async Task<(int Code, string Complaint)> RunAsync(Action<string> onLine)
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
            onLine(line);
        await _process.WaitForExitAsync();
        var complaint = (await _errors).Split('\n').LastOrDefault(l => l.StartsWith("error: ", StringComparison.Ordinal));
        return (_process.ExitCode, complaint?["error: ".Length..].Trim() ?? "");
    }

    /// <summary>Has it stop where it stands, which takes as long as a step and a checkpoint; killed if that takes too long.</summary>
    public async Task StopAsync()
    {
        try
        {
            _process.StandardInput.Close();
            using var patience = new CancellationTokenSource(s_timeToStop);
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (Exception error) when (error is OperationCanceledException or InvalidOperationException or IOException)
        {
            if (!_process.HasExited)
                _process.Kill(entireProcessTree: true);
        }
    }

    public void Dispose() => _process.Dispose();
}
