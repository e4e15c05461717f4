using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Audio;
using VoiceConsole.Tests.Engine.Audio;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Data;

namespace VoiceConsole.Tests.EndToEnd;

/// <summary>The command <c>converse</c> as a process of its own, with all engines but the language model real.</summary>
public class ConverseTests
{
    [Fact]
    public async Task Conversation_IsStoredAsThePageStoresIt_UnderTheIdOfTheReport()
    {
        using var folder = new TempFolder();

        var (report, _) = await ConverseAsync(folder);

        Assert.False(report.TryGetProperty("problems", out _));
        var queries = new ConversationQueries(await Database.OpenAsync(new ConsolePaths(folder.Path)));
        var conversation = Assert.Single(await queries.RecentAsync(9));
        Assert.Equal(report.GetProperty("conversation").GetGuid(), conversation.Id);
        Assert.Equal(("the recording ended", $"recordings/{conversation.Id}"), (conversation.EndReason, conversation.Recording));
        var turn = Assert.Single(await queries.TurnsAsync(conversation.Id));
        Assert.Equal(("good morning", "Good morning.", "answered"), (turn.UserText, turn.ReplyText.Trim(), turn.Outcome));
        Assert.Equal(report.GetProperty("turns")[0].GetProperty("voiceToVoiceMs").GetDouble(), turn.VoiceToVoiceMs!.Value, 0.01);
    }

    [Fact]
    public async Task DataFolderThatIsAFile_TurnIsAnswered_AndTheReportSaysWhatWasNotKept()
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder / "data", "");

        var (report, errors) = await ConverseAsync(folder);

        AssertNothingIsKept(report, errors, "is a file, not a folder");
    }

    [Fact]
    public async Task DiskReadOnly_TurnIsAnswered_AndTheReportSaysWhatWasNotKept()
    {
        using var folder = new TempFolder();
        using var disk = SmallDisk.Require(kilobytes: 1000);
        Directory.CreateSymbolicLink(folder / "data", disk.Path);
        disk.MakeReadOnly();

        var (report, errors) = await ConverseAsync(folder);

        AssertNothingIsKept(report, errors, "cannot be written");
    }

    [Fact]
    public async Task DiskFull_TurnIsAnswered_AndTheReportSaysWhatWasNotKept()
    {
        using var folder = new TempFolder();
        using var disk = SmallDisk.Require(kilobytes: 1000);
        Directory.CreateSymbolicLink(folder / "data", disk.Path);
        disk.Fill();

        var (report, errors) = await ConverseAsync(folder);

        AssertNothingIsKept(report, errors, "full");
    }

    [Fact]
    public async Task FirstModelThatCannotBeLoaded_TheFallbackAnswers()
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder / "cut.gguf", "GGUF");
        await using var model = await LlamaServer.StartAsync((_, response) => response.SayAsync("Good morning."));
        var arguments = (await ArgumentsAsync(folder, model)).Select(a => a == "--llm-url" ? "--fallback-llm" : a);

        var (code, output, errors) = await ConsoleProcess.RunAsync(folder, [.. arguments, "--llm", folder / "cut.gguf"]);

        Assert.True(code == 0, errors);
        Assert.Matches("cut.gguf is truncated.* answers instead", errors);
        Assert.Equal("Good morning.", JsonDocument.Parse(output).RootElement.GetProperty("turns")[0].GetProperty("heard").GetString());
    }

    [Fact]
    public async Task StoppedInMidTurnWhileTheDatabaseIsLocked_EndsInOrder_AndTheNextStartHasEverything()
    {
        using var folder = new TempFolder();
        var paths = new ConsolePaths(folder.Path);
        var database = await Database.OpenAsync(paths);
        await using var other = new SqliteConnection(database.ConnectionString);
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var model = await LlamaServer.StartAsync((_, response) =>
        {
            asked.TrySetResult();
            return Task.Delay(Timeout.Infinite, response.HttpContext.RequestAborted);
        });
        using var console = ConsoleProcess.Start(folder, await ArgumentsAsync(folder, model));
        var output = console.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = console.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        try
        {
            await asked.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
            await other.OpenAsync(TestContext.Current.CancellationToken);
            await using var command = other.CreateCommand();
            command.CommandText = "BEGIN EXCLUSIVE";
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

            using var interrupt = Process.Start("kill", ["-INT", console.Id.ToString(CultureInfo.InvariantCulture)]);
            await console.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
        finally
        {
            console.Kill();
        }

        Assert.Equal(130, console.ExitCode);
        Assert.Contains("locked", await errors, StringComparison.Ordinal);
        var report = JsonDocument.Parse(await output).RootElement;
        Assert.Contains("kept until it can be", Assert.Single(report.GetProperty("problems").EnumerateArray()).GetString(), StringComparison.Ordinal);
        await other.CloseAsync();
        var recovered = await Recovery.RunAsync(database, TestContext.Current.CancellationToken);
        Assert.Equal(0, recovered.LostTurns);
        Assert.NotEqual(0, recovered.RestoredEvents);
        var conversation = Assert.Single(await new ConversationQueries(database).RecentAsync(9, TestContext.Current.CancellationToken));
        Assert.Equal((report.GetProperty("conversation").GetGuid(), "stopped"), (conversation.Id, conversation.EndReason));
    }

    private static void AssertNothingIsKept(JsonElement report, string errors, string why)
    {
        var problems = report.GetProperty("problems").EnumerateArray().Select(p => p.GetString()!).ToArray();
        Assert.Contains(problems, p => p.StartsWith("The recording in", StringComparison.Ordinal));
        var storage = Assert.Single(problems, p => p.Contains("could not be stored and are lost", StringComparison.Ordinal));
        Assert.Contains(why, storage, StringComparison.Ordinal);
        Assert.Contains(storage, errors, StringComparison.Ordinal);
    }

    private static async Task<(JsonElement Report, string Errors)> ConverseAsync(TempFolder folder)
    {
        await using var model = await LlamaServer.StartAsync((_, response) => response.SayAsync("Good morning."));

        var (code, output, errors) = await ConsoleProcess.RunAsync(folder, await ArgumentsAsync(folder, model));

        Assert.True(code == 0, errors);
        var report = JsonDocument.Parse(output).RootElement;
        Assert.Equal("answered", report.GetProperty("turns")[0].GetProperty("outcome").GetString());
        return (report, errors);
    }

    private static async Task<string[]> ArgumentsAsync(TempFolder folder, WebApplication model)
    {
        foreach (var part in new[] { "webrtc", "silero-vad", "pocketsphinx", "flite", "espeak-ng" })
            await Parts.FoldersAsync(part);
        // As a telephone records, and the header lies about the length.
        var user = folder / "user.wav";
        float[] question = [.. await FliteUser.SayAsync("Good morning."), .. new float[16_000]];
        await File.WriteAllBytesAsync(user, WavTests.FloatStereo(Resampler.Convert(question, 16_000, 8000), 8000), TestContext.Current.CancellationToken);
        return ["converse", "--device", "wav", "--mic", user, "--llm-url", LlamaServer.AddressOf(model).ToString(), "--json"];
    }
}
