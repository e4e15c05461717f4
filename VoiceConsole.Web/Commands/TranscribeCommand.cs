using System.CommandLine;
using System.Diagnostics;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Models;
using VoiceConsole.Engine.Speech;

namespace VoiceConsole.Web.Commands;

/// <summary><c>transcribe FILE</c>: the words of a recording.</summary>
internal static class TranscribeCommand
{
    public static Command Build()
    {
        var file = new Argument<string>("FILE") { Description = "A WAV recording, any rate and format." };
        var recognizer = new Option<string?>("--asr") { Description = $"Recogniser: {string.Join(", ", EngineLoader.Recognizers)}, or the name or path of a model in models/." };
        var language = new Option<string>("--language") { Description = "What is spoken, for models that understand several languages: en, zh, or auto to have the model tell.", DefaultValueFactory = _ => "en" };
        var json = CommandRun.JsonOption();
        var command = new Command("transcribe", """
            The words of a recording.

            Example:
              transcribe question.wav --json
              transcribe question.wav --asr ggml-base --language zh
            """) { file, recognizer, language, json };
        command.SetRun(async (parsed, cancellationToken) =>
        {
            var samples = WavReader.ReadAll(parsed.GetValue(file)!, AudioFormat.Engine.SampleRate);
            var loader = new EngineLoader(new ModelStore(ConsolePaths.Find()), TaskScheduler.Default, new ConsoleProgress()) { Language = parsed.GetValue(language) is { } tag and not "auto" ? tag : "" };
            await using var engine = await loader.RecognizerAsync(parsed.GetValue(recognizer), cancellationToken);
            var started = Stopwatch.GetTimestamp();
            Transcript? final = null;
            await foreach (var transcript in engine.RecognizeAsync(new RecordedSpeech(samples), cancellationToken))
                final = transcript.IsFinal ? transcript : final;
            var took = Stopwatch.GetElapsedTime(started);
            var seconds = AudioFormat.Engine.ToTime(samples.Length).TotalSeconds;
            if (parsed.GetValue(json))
                CommandRun.Print(new { text = final?.Text ?? "", final?.Language, final?.Confidence, recognizer = engine.Id, seconds = Math.Round(seconds, 3), realTimeFactor = Math.Round(took.TotalSeconds / seconds, 3) });
            else
                Console.Out.WriteLine(PlainText.ForTerminal(final?.Text ?? ""));
            return ExitCode.Ok;
        });
        return command;
    }
}
