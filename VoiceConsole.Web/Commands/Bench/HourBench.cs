using System.CommandLine;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Engine.Models;

namespace VoiceConsole.Web.Commands.Bench;

/// <summary>
/// <c>bench hour</c>: an hour of conversation in a simulated room on virtual time, every engine real, held twice. Prints how long
/// it took and whether events and recorded tracks are the same, bit for bit.
/// </summary>
internal static class HourBench
{
    private static readonly string[] s_questions =
        ["good morning", "what is the time", "tell me about yourself", "how are you today", "what can you do", "where is the door", "thank you very much"];

    public static Command Build()
    {
        var minutes = new Option<int>("--minutes") { Description = "Length of the conversation.", DefaultValueFactory = _ => 60 };
        var json = CommandRun.JsonOption();
        var command = new Command("hour", """
            Holds an hour of conversation twice in a simulated room on virtual time, and compares the two.

            Example:
              bench hour --llm model.gguf
            """) { minutes, json };
        var engines = EngineOptions.AddTo(command);
        command.SetRun(async (parsed, cancellationToken) =>
        {
            var request = engines.Apply(parsed, new ConversationRequest { Device = "room", Room = "desk", VirtualTime = true });
            var result = await RunAsync(request, TimeSpan.FromMinutes(parsed.GetValue(minutes)), cancellationToken);
            if (parsed.GetValue(json))
                CommandRun.Print(result);
            else
                result.Print(Console.Out);
            return result.AreTheSame ? ExitCode.Ok : ExitCode.Failed;
        });
        return command;
    }

    private static async Task<HourResult> RunAsync(ConversationRequest request, TimeSpan length, CancellationToken cancellationToken)
    {
        var paths = ConsolePaths.Find();
        using var folder = new BenchFolder(paths);
        request = request with { Microphone = folder.File("user.wav") };
        WavWriter.WriteAll(request.Microphone, await UserAsync(new ModelStore(paths), length, request.Options.Language, cancellationToken), AudioFormat.Engine.SampleRate);
        var (first, took, model) = await HoldAsync(paths, request with { Output = folder.File("first") }, cancellationToken);
        var (second, tookAgain, _) = await HoldAsync(paths, request with { Output = folder.File("second") }, cancellationToken);
        var outcomes = first.OfType<TurnCompleted>().CountBy(t => t.Outcome).OrderBy(o => o.Key, StringComparer.Ordinal).ToDictionary();
        return new HourResult(
            model, length, took, tookAgain, outcomes, first.Count,
            Digest(first, folder.File("first")) == Digest(second, folder.File("second")));
    }

    // Somebody who asks about every ten seconds, and now and then before the reply is over.
    private static async Task<float[]> UserAsync(ModelStore store, TimeSpan length, string language, CancellationToken cancellationToken)
    {
        await using var voice = await new EngineLoader(store, TaskScheduler.Default).VoiceAsync(EngineLoader.RoomUserVoice, cancellationToken);
        var questions = new List<float[]>();
        foreach (var question in s_questions)
        {
            var sound = new List<float>();
            await foreach (var audio in voice.SynthesizeAsync(question, language, cancellationToken))
                sound.AddRange(Resampler.Convert(audio.Samples.Span, audio.SampleRate, AudioFormat.Engine.SampleRate));
            questions.Add([.. sound]);
        }

        var hour = new float[AudioFormat.Engine.ToSamples(length)];
        for (long turn = 0, at = AudioFormat.Engine.SampleRate; at < hour.Length; turn++)
        {
            var question = questions[(int)(turn % questions.Count)];
            question.AsSpan(0, (int)Math.Min(question.Length, hour.Length - at)).CopyTo(hour.AsSpan((int)at));
            at += question.Length + AudioFormat.Engine.ToSamples(TimeSpan.FromSeconds(turn % 5 == 4 ? 2 : 8 + turn % 3));
        }

        return hour;
    }

    private static async Task<(List<TurnEvent> Events, TimeSpan Took, string Model)> HoldAsync(ConsolePaths paths, ConversationRequest request, CancellationToken cancellationToken)
    {
        await using var conversation = await new ConversationFactory(new ModelStore(paths), paths).CreateAsync(request, new ConsoleProgress(), cancellationToken);
        using var events = conversation.Events.SubscribeLossless();
        var started = Stopwatch.GetTimestamp();
        conversation.Start();
        await using var stop = cancellationToken.Register(() => _ = conversation.StopAsync());
        await conversation.Completion;
        var took = Stopwatch.GetElapsedTime(started);
        cancellationToken.ThrowIfCancellationRequested();
        var seen = new List<TurnEvent>();
        while (events.Reader.TryRead(out var turnEvent))
            seen.Add(turnEvent);
        return (seen, took, seen.OfType<ConversationStarted>().First().Model);
    }

    // Of all but the conversation's own number.
    private static string Digest(IEnumerable<TurnEvent> events, string tracks)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var turnEvent in events.Where(e => e is not ConversationStarted))
            hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(turnEvent));
        foreach (var file in Directory.EnumerateFiles(tracks, "*.wav").Order(StringComparer.Ordinal))
        {
            using var track = File.OpenRead(file);
            hash.AppendData(SHA256.HashData(track));
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }
}

/// <param name="Outcomes">Turns by how they ended.</param>
/// <param name="AreTheSame">Events and tracks of both runs are equal, bit for bit.</param>
internal sealed record HourResult(
    string Model, TimeSpan Length, TimeSpan FirstRun, TimeSpan SecondRun, IReadOnlyDictionary<string, int> Outcomes, int Events, bool AreTheSame)
{
    public void Print(TextWriter writer)
    {
        writer.WriteLine($"simulated {Length.TotalMinutes:0} min with {Model}: {FirstRun.TotalSeconds:0.0} s, again {SecondRun.TotalSeconds:0.0} s");
        writer.WriteLine($"turns     {string.Join(", ", Outcomes.Select(o => $"{o.Value} {o.Key}"))}; {Events} events");
        writer.WriteLine($"repeated  {(AreTheSame ? "bit for bit the same, events and tracks" : "NOT the same")}");
    }
}
