using System.Text.Json;
using VoiceConsole.Engine.Audio;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Commands;

namespace VoiceConsole.Tests.EndToEnd;

/// <summary>The command <c>echo cancel</c>.</summary>
public class EchoCancelTests
{
    [Fact]
    public async Task Recording_with_echo_It_is_cleaned_and_the_report_says_by_how_much_over_time()
    {
        using var folder = new TempFolder();
        var (microphone, reference) = WriteEcho(folder);
        var (code, output) = await RunAsync("echo", "cancel", "--mic", microphone, "--reference", reference, "--out", folder / "out.wav", "--engine", "adaptive", "--json");
        Assert.Equal(ExitCode.Ok, code);
        var report = JsonDocument.Parse(output).RootElement;
        Assert.Equal("adaptive", report.GetProperty("engine").GetString());
        Assert.True(report.GetProperty("secondHalfDb").GetDouble() > report.GetProperty("removedDb").GetDouble() + 3, output);
        Assert.Equal(4, report.GetProperty("erle").GetArrayLength());
        Assert.True(report.GetProperty("erle")[3].GetProperty("db").GetDouble() > 16, output);
        Assert.Equal(4 * 16_000, WavReader.ReadAll(folder / "out.wav", 16_000).Length);
    }

    [Fact]
    public async Task No_such_engine_or_file_It_says_so()
    {
        using var folder = new TempFolder();
        var (microphone, reference) = WriteEcho(folder);
        Assert.Equal(ExitCode.Usage, (await RunAsync("echo", "cancel", "--mic", microphone, "--reference", reference, "--out", folder / "o.wav", "--engine", "magic")).Code);
        Assert.Equal(ExitCode.Usage, (await RunAsync("echo", "cancel", "--mic", folder / "none.wav", "--reference", reference, "--out", folder / "o.wav", "--engine", "none")).Code);
    }

    private static (string Microphone, string Reference) WriteEcho(TempFolder folder)
    {
        var random = new Random(1);
        var sound = new float[4 * 16_000];
        var echo = new float[sound.Length];
        for (var i = 0; i < sound.Length; i++)
        {
            sound[i] = 0.3f * ((float)random.NextDouble() * 2 - 1);
            echo[i] = i < 500 ? 0 : 0.3f * sound[i - 500];
        }

        WavWriter.WriteAll(folder / "mic.wav", echo, 16_000);
        WavWriter.WriteAll(folder / "reference.wav", sound, 16_000);
        return (folder / "mic.wav", folder / "reference.wav");
    }

    private static async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        var start = new System.Diagnostics.ProcessStartInfo("dotnet", [typeof(CommandLine).Assembly.Location, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = System.Diagnostics.Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        await errors;
        return (process.ExitCode, output);
    }
}
