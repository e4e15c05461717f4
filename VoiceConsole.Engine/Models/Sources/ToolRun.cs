using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace VoiceConsole.Engine.Models.Sources;

/// <summary>Runs package clients and waits for them; one that does nothing for long is ended with all that it started.</summary>
/// <param name="time">For stalls and for measuring.</param>
internal sealed class ToolRun(TimeProvider time)
{
    /// <summary>A client that writes no byte and says no word for so long has stalled.</summary>
    public static readonly TimeSpan Stall = TimeSpan.FromSeconds(60);

    /// <summary>How often the bytes are measured.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    /// <param name="program">A name on the PATH, or a path.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="folder">Where it runs.</param>
    /// <param name="measure">Bytes it has written to the disk so far; asked at every <see cref="Interval"/>.</param>
    /// <param name="cancellationToken">Ends the program and all that it started.</param>
    /// <returns>Exit code, standard output and standard error.</returns>
    /// <exception cref="ModelUnavailableException">The program is not on this machine, or has stalled.</exception>
    public async Task<(int Code, string Output, string Error)> RunAsync(
        string program, IEnumerable<string> arguments, string folder, Func<long> measure, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.Environment["LC_ALL"] = "C";
        using var process = Start(start);
        process.StandardInput.Close();
        StringBuilder output = new(), complaint = new();
        long said = 0;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = Task.WhenAll(ReadAsync(process.StandardOutput, output), ReadAsync(process.StandardError, complaint), process.WaitForExitAsync(stop.Token));
        try
        {
            await WatchAsync();
            await running;
            return (process.ExitCode, output.ToString(), complaint.ToString());
        }
        finally
        {
            if (!running.IsCompletedSuccessfully)
            {
                process.Kill(entireProcessTree: true);
                await stop.CancelAsync();
                await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        async Task ReadAsync(StreamReader from, StringBuilder into)
        {
            var buffer = new char[4096];
            int count;
            while ((count = await from.ReadAsync(buffer, stop.Token)) > 0)
            {
                into.Append(buffer, 0, count);
                Interlocked.Add(ref said, count);
            }
        }

        async Task WatchAsync()
        {
            using var timer = new PeriodicTimer(Interval, time);
            var last = (Bytes: -1L, Said: 0L);
            var since = time.GetTimestamp();
            while (await Task.WhenAny(running, timer.WaitForNextTickAsync(cancellationToken).AsTask()) != running)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var now = (measure(), Interlocked.Read(ref said));
                if (now != last)
                    (last, since) = (now, time.GetTimestamp());
                else if (time.GetElapsedTime(since) >= Stall)
                    throw new ModelUnavailableException($"{program} has done nothing for {Stall.TotalSeconds:0} s and was stopped.", "Check the network, then try again.");
            }
        }
    }

    /// <summary>The last words of a client's complaint, for people.</summary>
    /// <exception cref="IOException">They say that the disk is full.</exception>
    public static string LastLine(string text)
    {
        DiskSpace.ThrowIfFull(text);
        return text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "no reason given";
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception error)
        {
            throw new ModelUnavailableException($"'{start.FileName}' is not on this machine ({error.Message}).", $"Install {start.FileName}, then start again.", error);
        }
    }
}
