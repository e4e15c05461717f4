using System.CommandLine;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Models;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Commands;
using VoiceConsole.Web.Data;

namespace VoiceConsole.Tests.Web;

public class CommandRunTests
{
    [Fact]
    public async Task WhateverACommandThrows_IsASentenceARemedyAndACode()
    {
        (Exception Error, int Code, string Said)[] cases =
        [
            (new ModelUnavailableException("No model.", "Fetch it."), ExitCode.PartUnavailable, "error: No model.\nremedy: Fetch it.\n"),
            (new DllNotFoundException("libflite.so is gone."), ExitCode.PartUnavailable, "error: libflite.so is gone.\nremedy: See which parts are damaged with 'models verify', and fetch them again with 'models pull'.\n"),
            (new AudioDeviceException("No microphone. Plug one in."), ExitCode.DeviceUnavailable, "error: No microphone. Plug one in.\n"),
            (new ArgumentException("No such voice."), ExitCode.Usage, "error: No such voice.\n"),
            (new InvalidDataException("It is cut off. Fetch it again."), ExitCode.Usage, "error: It is cut off. Fetch it again.\n"),
            (new StorageException("The disk is full.", "Free some space."), ExitCode.Failed, "error: The disk is full.\nremedy: Free some space.\n"),
            (new IOException("The port is taken."), ExitCode.Failed, "error: The port is taken.\n"),
            (new InvalidOperationException("Nobody thought of this."), ExitCode.Failed, "error: Nobody thought of this.\nremedy: Try again. If it fails again it is a fault of the console's own: report it, with what you did.\n"),
        ];
        foreach (var (error, code, said) in cases)
        {
            var command = new RootCommand();
            command.SetRun((_, _) => throw error);
            var errors = new StringWriter { NewLine = "\n" };

            Assert.Equal(code, await command.Parse([]).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, Error = errors }, TestContext.Current.CancellationToken));
            Assert.Equal(said, errors.ToString());
        }
    }

    [Fact]
    public async Task ConversationThatFails_IsReportedUpToThere()
    {
        using var folder = new TempFolder();
        await using var talk = new SimulatedConversation(["hello"], ["Good morning."], folder: folder / "tracks", id: Guid.NewGuid());
        await using var storage = new ConversationStorage(new ConsolePaths(folder.Path));
        talk.Room.Speak(Tones.Of(TimeSpan.FromSeconds(1)), TimeSpan.FromSeconds(1));
        talk.At(TimeSpan.FromSeconds(3), () => throw new InvalidOperationException("The hand slipped."));

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => ConverseCommand.RunAsync(talk.Session, storage, json: false, TestContext.Current.CancellationToken));

        Assert.Equal("The hand slipped.", error.Message);
        Assert.Contains("hello", await File.ReadAllTextAsync(folder / "tracks/timeline.json", TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TextInAnotherLanguage_IsSaidInThatLanguage()
    {
        foreach (var part in new[] { "flite", "espeak-ng" })
            await Parts.FoldersAsync(part);
        using var folder = new TempFolder();

        foreach (var language in new[] { "en", "fr", "de" })
            Assert.Equal(ExitCode.Ok, await CommandLine.RunAsync(["say", "Patience, patience.", "--tts", "espeak-ng", "--language", language, "--out", folder / $"{language}.wav"]));

        Assert.Equal(3, new[] { "en", "fr", "de" }.Select(l => Convert.ToHexString(File.ReadAllBytes(folder / $"{l}.wav"))).Distinct().Count());
    }
}
