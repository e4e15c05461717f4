using System.CommandLine;
using System.Diagnostics;
using Microsoft.Extensions.AI;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Language.Llama;
using VoiceConsole.Engine.Models;

namespace VoiceConsole.Web.Commands.Bench;

/// <summary><c>bench llm</c>: the chat client's decode speed beside a bare decode loop on the same file, tokens and threads, in one run.</summary>
internal static class LlmBench
{
    private const string Prompt = "Tell me a story.";

    public static Command Build()
    {
        var file = new Argument<string>("FILE") { Description = "A GGUF model." };
        var tokens = new Option<int>("--tokens") { Description = "Tokens of each reply.", DefaultValueFactory = _ => 200 };
        var rounds = new Option<int>("--rounds") { Description = "Replies of each kind, taken in turns.", DefaultValueFactory = _ => 9 };
        var threads = new Option<int>("--threads") { Description = "Processor threads.", DefaultValueFactory = _ => Environment.ProcessorCount };
        var json = CommandRun.JsonOption();
        var command = new Command("llm", "Decode speed through the chat client and of the raw engine, side by side.\n\nExample:\n  bench llm model.gguf --tokens 200") { file, tokens, rounds, threads, json };
        command.SetRun(async (parsed, cancellationToken) =>
        {
            var part = await new ModelStore(ConsolePaths.Find()).RequireAsync("llama", null, cancellationToken);
            var result = await RunAsync(
                parsed.GetValue(file)!, part.Folders, parsed.GetValue(threads), parsed.GetValue(tokens), parsed.GetValue(rounds), cancellationToken);
            if (parsed.GetValue(json))
                CommandRun.Print(result);
            else
                Console.Out.WriteLine($"raw engine {result.RawTokensPerSecond:0.0} tokens/s, chat client {result.ClientTokensPerSecond:0.0} tokens/s, ratio {result.Ratio:0.000} (median of {parsed.GetValue(rounds)}, {result.Tokens} tokens, {parsed.GetValue(threads)} threads)");
            return ExitCode.Ok;
        });
        return command;
    }

    private static async Task<LlmResult> RunAsync(
        string file, IReadOnlyList<string> folders, int threads, int tokens, int rounds, CancellationToken cancellationToken)
    {
        var greedy = new ChatOptions { Temperature = 0, MaxOutputTokens = tokens };
        using var client = new LlamaChatClient(file, folders, threads, 4096, TaskScheduler.Default);
        using var model = new LlamaModel(file, folders);
        using var context = new LlamaContext(model, threads, 4096);
        var prompt = model.Tokenize($"User: {Prompt}\nAssistant:", addSpecial: true, parseSpecial: false);
        var (raw, through, made) = (new double[rounds], new double[rounds], 0);
        // One round of each to warm up.
        for (var round = -1; round < rounds; round++)
        {
            var started = Stopwatch.GetTimestamp();
            var count = Raw(model, context, greedy, prompt, tokens);
            var rawTime = Stopwatch.GetElapsedTime(started);
            started = Stopwatch.GetTimestamp();
            var pieces = 0;
            await foreach (var update in client.GetStreamingResponseAsync(Prompt, greedy, cancellationToken))
                pieces += update.Text.Length > 0 ? 1 : 0;
            var clientTime = Stopwatch.GetElapsedTime(started);
            if (round < 0)
                continue;
            (raw[round], through[round], made) = (count / rawTime.TotalSeconds, pieces / clientTime.TotalSeconds, count);
        }

        Array.Sort(raw);
        Array.Sort(through);
        return new LlmResult(raw[rounds / 2], through[rounds / 2], made);
    }

    // What the engine can do when nothing but it runs.
    private static int Raw(LlamaModel model, LlamaContext context, ChatOptions options, int[] prompt, int tokens)
    {
        using var sampler = new LlamaSampler(options);
        for (var read = context.Rewind(prompt); read < prompt.Length;)
            read += context.Read(prompt.AsSpan(read));
        var count = 0;
        for (; count < tokens && !context.IsFull; count++)
        {
            var token = context.Sample(sampler);
            if (model.Ends(token))
                break;
            context.Read([token]);
        }

        return count;
    }
}

internal sealed record LlmResult(double RawTokensPerSecond, double ClientTokensPerSecond, int Tokens)
{
    public double Ratio => ClientTokensPerSecond / RawTokensPerSecond;
}
