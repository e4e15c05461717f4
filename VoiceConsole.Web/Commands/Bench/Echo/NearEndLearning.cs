using System.CommandLine;
using System.Runtime.InteropServices;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Models;

namespace VoiceConsole.Web.Commands.Bench.Echo;

/// <summary><c>bench echo-learn</c>: the weights of the guard's net, anew from simulated rooms.</summary>
internal static class NearEndLearning
{
    // Far from the seeds that bench echo is run with.
    private const int FirstSeed = 1001;

    public static Command Build()
    {
        var output = new Option<string>("--out") { Description = "Where the weights go; VoiceConsole.Engine/Echo/Learned/near-end.f32 is where the console takes them from when it is built.", Required = true };
        var rooms = new Option<int>("--seeds") { Description = "How many times the grid is played, each time with other moments, words and sounds.", DefaultValueFactory = _ => 2 };
        var rounds = new Option<int>("--rounds") { Description = "Times that all of it is gone through.", DefaultValueFactory = _ => 8 };
        var speakers = new Option<string?>("--speakers") { Description = "A folder of WAV files, 16 kHz or any other rate, with real speakers, some words each; they are the user in half of the conversations." };
        var json = CommandRun.JsonOption();
        var command = new Command("echo-learn", """
            Plays the scenarios of bench echo in simulated rooms with seeds of their own, and learns from what the echo guard sees
            there when a user speaks over the reply. The same weights every time. Takes about 6 minutes on two idle cores.

            Example:
              bench echo-learn --out VoiceConsole.Engine/Echo/Learned/near-end.f32
            """) { output, rooms, rounds, speakers, json };
        command.SetRun(async (parsed, cancellationToken) =>
        {
            var store = new ModelStore(ConsolePaths.Find());
            var recordings = parsed.GetValue(speakers) is { } folder ? Recordings.Read(folder, null) : null;
            var examples = new NearEndExamples([], [], []);
            for (var i = 0; i < parsed.GetValue(rooms); i++)
            {
                examples.Add(await NearEndExamples.CollectAsync(
                    FirstSeed + i, recordings, store, (done, all) => Console.Error.Write($"\r{done} of {all} conversations"), cancellationToken));
                Console.Error.WriteLine($", {examples.Speaks.Count:N0} frames, {examples.Speaks.Count(s => s):N0} of them with a user");
            }

            var losses = new List<double>();
            var weights = new NearEndTraining(examples, FirstSeed).Run(parsed.GetValue(rounds), (round, loss) =>
            {
                losses.Add(loss);
                Console.Error.WriteLine($"round {round}: loss {loss:0.0000}");
            }, cancellationToken);
            await File.WriteAllBytesAsync(parsed.GetValue(output)!, MemoryMarshal.AsBytes(weights.AsSpan()).ToArray(), cancellationToken);
            if (parsed.GetValue(json))
                CommandRun.Print(new { frames = examples.Speaks.Count, weights = weights.Length, losses });
            return ExitCode.Ok;
        });
        return command;
    }
}
