using System.CommandLine;
using System.Diagnostics;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Language;
using VoiceConsole.Engine.Models;

namespace VoiceConsole.Web.Commands;

/// <summary><c>say TEXT</c>: speech of a text, as a WAV file.</summary>
internal static class SayCommand
{
    public static Command Build()
    {
        var text = new Argument<string>("TEXT") { Description = "What to say; sentences may be in Chinese and in the language of --language." };
        var output = new Option<string>("--out") { Description = "The WAV file to write.", Required = true };
        var voice = new Option<string?>("--tts", "--tts-model") { Description = $"{VoiceOptions.Help} By default flite-slt for English and espeak-ng for the rest." };
        var language = new Option<string>("--language") { Description = "What the text is in, where it is not Chinese: en, or another that the voice speaks, such as fr.", DefaultValueFactory = _ => "en" };
        var style = new VoiceOptions();
        var json = CommandRun.JsonOption();
        var command = new Command("say", """
            Speech of a text, as a WAV file.

            Examples:
              say "Good morning." --out morning.wav
              say "你好，世界。" --out hello.wav --tts espeak-ng
              say "Bonjour à tous." --out bonjour.wav --language fr
              say "Good morning." --out slow.wav --tts en_US-libritts-high --speaker-voice 12 --length-scale 1.3
            """) { text, output, voice, language, json };
        foreach (var option in style.All)
            command.Options.Add(option);
        command.SetRun(async (parsed, cancellationToken) =>
        {
            if (string.IsNullOrWhiteSpace(parsed.GetValue(text)))
                throw new ArgumentException("There is nothing to say: the text is empty.");
            var loader = new EngineLoader(new ModelStore(ConsolePaths.Find()), TaskScheduler.Default, new ConsoleProgress()) { Style = style.Of(parsed) };
            await using var engine = await loader.VoiceAsync(parsed.GetValue(voice), cancellationToken);
            var tag = parsed.GetValue(language)!;
            var splitter = new SentenceSplitter(tag);
            var samples = new List<float>();
            var rate = AudioFormat.Engine.SampleRate;
            var started = Stopwatch.GetTimestamp();
            foreach (var sentence in splitter.Append(parsed.GetValue(text)!).Concat(splitter.Complete()))
            {
                await foreach (var part in engine.SynthesizeAsync(sentence.Text, SpokenLanguage.Of(sentence.Text, tag), cancellationToken))
                    samples.AddRange(Resampler.Convert(part.Samples.Span, part.SampleRate, rate));
            }

            var took = Stopwatch.GetElapsedTime(started);
            if (samples.Count == 0)
                throw new ArgumentException("There is no word in the text that can be said.");
            var path = Path.GetFullPath(parsed.GetValue(output)!);
            WavWriter.WriteAll(path, samples.ToArray(), rate);
            var seconds = AudioFormat.Engine.ToTime(samples.Count).TotalSeconds;
            if (parsed.GetValue(json))
                CommandRun.Print(new { file = path, voice = engine.Id, seconds = Math.Round(seconds, 3), realTimeFactor = Math.Round(took.TotalSeconds / seconds, 3) });
            else
                Console.Out.WriteLine($"{path}: {seconds:0.0} s of speech by {engine.Id}");
            return ExitCode.Ok;
        });
        return command;
    }
}
