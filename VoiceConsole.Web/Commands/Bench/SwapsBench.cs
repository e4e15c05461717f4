using System.CommandLine;
using System.Diagnostics;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Engine.Models;

namespace VoiceConsole.Web.Commands.Bench;

/// <summary>
/// <c>bench swaps</c>: recogniser, language model and voice replaced over and over in a conversation in a simulated room, every
/// engine real. Counts what was lost, and compares the memory whenever the same engines serve again.
/// </summary>
internal static class SwapsBench
{
    private static readonly TimeSpan s_between = TimeSpan.FromSeconds(1.7);

    public static Command Build()
    {
        var swaps = new Option<int>("--swaps") { Description = "How many.", DefaultValueFactory = _ => 1_000 };
        var more = new Option<string[]>("--with") { Description = "A further engine to take turns: a .gguf, a Piper voice's .onnx, a Whisper model's .bin; may be given several times." };
        var turns = new Option<int?>("--live") { Description = "Instead: that many turns in real time, half of them while engines are loaded without a pause, and what that does to latency and sound." };
        var json = CommandRun.JsonOption();
        var command = new Command("swaps", """
            Replaces engines over and over while a conversation goes on in a simulated room on virtual time: the embedded ones and
            generated ones in the shapes of Piper, Kokoro, Whisper, SenseVoice, Paraformer, a streaming transducer and Llama.

            Example:
              bench swaps --swaps 1000
              bench swaps --live 40
            """) { swaps, more, turns, json };
        var engines = EngineOptions.AddTo(command);
        command.SetRun(async (parsed, cancellationToken) =>
        {
            var request = engines.Apply(parsed, new ConversationRequest { Device = "room", Room = "headphones" });
            if (parsed.GetValue(turns) is { } live)
                return await LiveSwaps.RunAsync(request, live, parsed.GetValue(json), cancellationToken);
            var result = await RunAsync(ConsolePaths.Find(), request, parsed.GetValue(swaps), parsed.GetValue(more) ?? [], cancellationToken);
            if (parsed.GetValue(json))
                CommandRun.Print(result);
            else
                result.Print(Console.Out);
            return result.IsGood ? ExitCode.Ok : ExitCode.Failed;
        });
        return command;
    }

    internal static async Task<SwapsResult> RunAsync(ConsolePaths paths, ConversationRequest request, int swaps, IReadOnlyList<string> more, CancellationToken cancellationToken)
    {
        using var folder = new BenchFolder(paths);
        request = request with { VirtualTime = true, Microphone = folder.File("user.wav"), Options = request.Options with { Record = false, MaxReplyTokens = Math.Min(16, request.Options.MaxReplyTokens) } };
        var rotation = new SwapRotation(folder.Path, request, more);
        var lines = await BenchUser.RecordAsync(request.Microphone, new ModelStore(paths), s_between * (swaps + 4), request.Options.Language, cancellationToken);
        await using var session = await new ConversationFactory(new ModelStore(paths), paths).CreateSessionAsync(request, new ConsoleProgress(), cancellationToken);
        using var subscription = session.Events.SubscribeLossless();
        var memory = new List<long>();
        var made = 0;
        using var timer = session.Loop.Time.CreateTimer(_ => Swap(), null, s_between, s_between);
        var started = Stopwatch.GetTimestamp();
        session.Start();
        await using var stop = cancellationToken.Register(() => _ = session.StopAsync());
        await session.Completion;
        var took = Stopwatch.GetElapsedTime(started);
        cancellationToken.ThrowIfCancellationRequested();
        var events = new List<TurnEvent>();
        while (subscription.Reader.TryRead(out var turnEvent))
            events.Add(turnEvent);
        return SwapsResult.Of(swaps, events, lines, memory, took);

        void Swap()
        {
            if (made >= swaps)
                return;
            if (made % rotation.Length == 0)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                memory.Add(Environment.WorkingSet);
            }

            var (kind, id) = rotation[made++];
            _ = session.SwapAsync(kind, id, freeFirst: false, CancellationToken.None);
        }
    }
}
