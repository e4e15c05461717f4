using System.Diagnostics;
using System.Text.Json;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Commands;

namespace VoiceConsole.Tests.EndToEnd;

/// <summary>The train commands that make data, as processes of their own.</summary>
public sealed class TrainDataTests : IDisposable
{
    private readonly TempFolder _home = new();

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task OwnDataCollectedAndCleaned_LieInTheDataFolder_AndRefusalsAreToldByExitCode()
    {
        var collected = await RunAsync("collect", "--from", "own", "--name", "own", "--size", "30", "--json");
        Assert.Equal((ExitCode.Ok, ""), (collected.Code, collected.Errors));
        var records = JsonDocument.Parse(collected.Output).RootElement.GetProperty("records").GetInt32();
        Assert.Equal(records, (await File.ReadAllLinesAsync(_home / "data/datasets/own/records.jsonl")).Length);

        var cleaned = await RunAsync("clean", "own", "--replies-only");
        Assert.Equal(ExitCode.Ok, cleaned.Code);
        Assert.StartsWith($"Data set own: {records} read, ", cleaned.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(_home / "data/datasets/own/train.jsonl") && File.Exists(_home / "data/datasets/own/report.json"));

        var again = await RunAsync("collect", "--from", "own", "--name", "own");
        Assert.Equal(ExitCode.Failed, again.Code);
        Assert.Contains("--add", again.Errors, StringComparison.Ordinal);
        var unknown = await RunAsync("clean", "other");
        Assert.Equal(ExitCode.Usage, unknown.Code);
        Assert.Contains("There are: own.", unknown.Errors, StringComparison.Ordinal);
        var outside = await RunAsync("collect", "--from", "own", "--name", "../out");
        Assert.Equal(ExitCode.Usage, outside.Code);
        var silent = await RunAsync("collect", "--from", "conversations", "--since", "2026-01-01", "--name", "mine");
        Assert.Equal((ExitCode.Usage, "error: There is no conversation in conversations."), (silent.Code, silent.Errors.Trim()));
    }

    private async Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(CommandLine).Assembly.Location, "train", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["VOICECONSOLE_HOME"] = _home.Path;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output, await errors);
    }
}
