using System.Diagnostics;
using VoiceConsole.Engine;

namespace VoiceConsole.Tests.Support;

/// <summary>The real program as a process of its own.</summary>
internal static class ConsoleProcess
{
    /// <summary>Starts it with the folder as its home and the project's own models.</summary>
    public static Process Start(TempFolder home, params string[] arguments)
    {
        if (!Directory.Exists(home / "models"))
            Directory.CreateSymbolicLink(home / "models", ConsolePaths.Find().Models);
        var project = Path.Combine(Path.GetDirectoryName(ConsolePaths.Find().Models)!, "VoiceConsole.Web");
        var configuration = AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug";
        var program = Path.Combine(project, "bin", configuration, "net10.0", "VoiceConsole.Web.dll");
        var start = new ProcessStartInfo("dotnet", [program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = project,
        };
        start.Environment["VOICECONSOLE_HOME"] = home.Path;
        return Process.Start(start)!;
    }

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int Code, string Output, string Errors)> RunAsync(TempFolder home, params string[] arguments)
    {
        using var process = Start(home, arguments);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await Task.WhenAll(output, errors);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return (process.ExitCode, await output, await errors);
        }
        finally
        {
            process.Kill();
        }
    }
}
