using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Commands;

namespace VoiceConsole.Tests.EndToEnd;

/// <summary>The commands as a script runs them: arguments in; output, messages and an exit code out.</summary>
public class CommandLineTests
{
    [Fact]
    public async Task TextThatIsSaid_IsTranscribedWordForWord()
    {
        foreach (var part in new[] { "flite", "espeak-ng", "pocketsphinx" })
            await Parts.FoldersAsync(part);
        using var home = new TempFolder();
        var sound = home / "said.wav";

        var said = await JsonAsync(home, "say", "Can you help me with my homework?", "--out", sound, "--json");
        var heard = await JsonAsync(home, "transcribe", sound, "--json");

        Assert.Equal((sound, "flite-slt + espeak-ng"), (said.GetProperty("file").GetString(), said.GetProperty("voice").GetString()));
        Assert.Equal(("can you help me with my homework", "pocketsphinx-en-us"), (heard.GetProperty("text").GetString(), heard.GetProperty("recognizer").GetString()));
        Assert.Equal(said.GetProperty("seconds").GetDouble(), heard.GetProperty("seconds").GetDouble(), 0.01);
    }

    [Fact]
    public async Task Part_IsPulledListedVerified_AndPulledAnewWhenOneByteIsWrong()
    {
        using var home = new TempFolder();
        Directory.CreateDirectory(home / "models");
        await File.WriteAllTextAsync(home / "models/source.bin", "a model");
        var hash = Convert.ToHexStringLower(SHA256.HashData("a model"u8));
        object Part(string id, string file) => new { id, kind = "llm", name = id, licence = "MIT", source = "file", archives = new[] { new { package = file, version = "1", sha256 = hash, size = 7 } } };
        await File.WriteAllTextAsync(home / "models/catalog.json", JsonSerializer.Serialize(new { parts = new[] { Part("here", "source.bin"), Part("gone", "nothing.bin") } }));

        var (code, _, _) = await ConsoleProcess.RunAsync(home, "models", "pull", "here");
        Assert.Equal(ExitCode.Ok, code);
        var parts = (await JsonAsync(home, "models", "list", "--json")).GetProperty("parts").EnumerateArray();
        Assert.Equal([("here", true), ("gone", false)], parts.Select(p => (p.GetProperty("id").GetString(), p.GetProperty("isInstalled").GetBoolean())));

        await using (var file = File.OpenWrite(home / "models/here/source.bin"))
            file.WriteByte((byte)'A');
        (code, var output, _) = await ConsoleProcess.RunAsync(home, "models", "verify");
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("source.bin", output, StringComparison.Ordinal);
        Assert.Contains("models pull here", output, StringComparison.Ordinal);
        (code, _, var errors) = await ConsoleProcess.RunAsync(home, "models", "pull", "here");
        Assert.Equal(ExitCode.Ok, code);
        Assert.Contains("here is damaged and is fetched anew", errors, StringComparison.Ordinal);
        Assert.Empty((await JsonAsync(home, "models", "verify", "--json")).GetProperty("here").EnumerateArray());

        (code, output, errors) = await ConsoleProcess.RunAsync(home, "models", "pull", "gone");
        Assert.Equal((ExitCode.PartUnavailable, ""), (code, output));
        Assert.Matches("error: .*nothing.bin.*\nremedy: .+", errors);
    }

    [Fact]
    public async Task ModelForAdults_IsNeitherListedNorFetched_UntilItIsAskedFor()
    {
        using var home = new TempFolder();
        Directory.CreateDirectory(home / "models");
        await File.WriteAllTextAsync(home / "models/grown-up.gguf", "no model");
        await File.WriteAllTextAsync(home / "models/catalog.json", JsonSerializer.Serialize(new
        {
            parts = new[] { new { id = "grown-up-q4", kind = "llm", name = "A model", licence = "unknown", source = "file", optional = true, adult = true, archives = new[] { new { package = "grown-up.gguf", version = "", sha256 = "", size = 7 } } } },
        }));
        async Task<(int Parts, int Models)> ListedAsync(params string[] more)
        {
            var list = await JsonAsync(home, ["models", "list", "--json", .. more]);
            return (list.GetProperty("parts").GetArrayLength(), list.GetProperty("models").GetArrayLength());
        }

        Assert.Equal((0, 0), await ListedAsync());
        Assert.Equal((1, 1), await ListedAsync("--adult"));
        var (code, _, errors) = await ConsoleProcess.RunAsync(home, "models", "pull", "grown-up-q4");
        Assert.Equal(ExitCode.PartUnavailable, code);
        Assert.Contains("grown-up-q4 was made for adult content, and such models are off.", errors, StringComparison.Ordinal);
        Assert.Contains("remedy: Allow them on the Settings page, or for one command with --adult.", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Devices_AreListedWithTheRooms()
    {
        await Parts.FoldersAsync("portaudio");
        using var home = new TempFolder();

        var found = await JsonAsync(home, "devices", "--json");

        Assert.Equal(JsonValueKind.Array, found.GetProperty("devices").ValueKind);
        Assert.Contains("office", found.GetProperty("rooms").EnumerateArray().Select(r => r.GetString()));
    }

    [Theory]
    [InlineData(ExitCode.Usage, "transcribe", "no such file.wav")]
    [InlineData(ExitCode.Usage, "transcribe")]
    [InlineData(ExitCode.Usage, "say", " ", "--out", "nothing.wav")]
    [InlineData(ExitCode.Usage, "converse", "--device", "moon")]
    [InlineData(ExitCode.Usage, "converse", "--device", "wav", "--mic", "no such file.wav")]
    [InlineData(ExitCode.PartUnavailable, "models", "pull", "no-such-part")]
    [InlineData(ExitCode.PartUnavailable, "models", "verify", "no-such-part")]
    [InlineData(ExitCode.DeviceUnavailable, "converse", "--device", "host", "--mic", "no such microphone")]
    [InlineData(ExitCode.DeviceUnavailable, "echo", "selftest", "--mic", "no such microphone")]
    public async Task WhatCannotBeDone_EndsWithTheCodeThatSaysWhy(int expected, params string[] arguments)
    {
        foreach (var part in new[] { "portaudio", "webrtc", "silero-vad", "pocketsphinx", "flite", "espeak-ng", "voiceconsole-chat", "llama" })
            await Parts.FoldersAsync(part);

        Assert.Equal(expected, await CommandLine.RunAsync(arguments));
    }

    [Fact]
    public void EveryCommand_HasHelpWithAnExampleThatItUnderstands_AndAllButTheServerSpeakJson()
    {
        var root = CommandLine.Build();
        foreach (var command in All(root))
        {
            var lines = command.Description!.Split('\n').Select(l => l.Trim()).SkipWhile(l => l is not ("Example:" or "Examples:")).Skip(1).Where(l => l.Length > 0).ToList();
            Assert.True(lines.Count > 0, $"{command.Name} has no example");
            Assert.All(lines, line => Assert.Empty(root.Parse(line).Errors.Select(e => $"{line}: {e.Message}")));
            if (command.Subcommands.Count == 0 && command.Name != "serve")
                Assert.Contains(command.Options, o => o.Name == "--json");
        }

        static IEnumerable<Command> All(Command command) => command.Subcommands.SelectMany(All).Prepend(command);
    }

    private static async Task<JsonElement> JsonAsync(TempFolder home, params string[] arguments)
    {
        var (code, output, errors) = await ConsoleProcess.RunAsync(home, arguments);
        Assert.True(code == ExitCode.Ok, errors);
        return JsonDocument.Parse(output).RootElement;
    }
}
