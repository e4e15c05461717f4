using System.CommandLine;
using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.AI;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Language;
using VoiceConsole.Engine.Language.Llama;
using VoiceConsole.Engine.Models;

namespace VoiceConsole.Web.Commands.Bench;

/// <summary>
/// <c>bench llm</c>: the chat client's decode speed beside a bare decode loop on the same file, prompt and threads, and the time to
/// first token of a turn with and without a long history, each in turns in one run.
/// </summary>
internal static class LlmBench
{
    private const string Instructions = "You are a friendly voice assistant. Answer in one or two short sentences.";
    private const int HistoryTokens = 2000, ContextTokens = 4096;

    // Each kind's share of a round lasts at least so long.
    private static readonly TimeSpan s_round = TimeSpan.FromMilliseconds(250);

    public static Command Build()
    {
        var file = new Argument<string?>("FILE") { Description = "A GGUF model; without one, a Llama with random weights is made for the run.", Arity = ArgumentArity.ZeroOrOne };
        var size = new Option<string>("--size") { Description = "Of the model that is made: 0.5b or 1.5b, the shapes of Qwen2.5.", DefaultValueFactory = _ => "0.5b" };
        size.AcceptOnlyFromAmong([.. BenchModel.Sizes]);
        var tokens = new Option<int>("--tokens") { Description = "Tokens of each reply.", DefaultValueFactory = _ => 200 };
        var rounds = new Option<int>("--rounds") { Description = "Replies of each kind, taken in turns.", DefaultValueFactory = _ => 9 };
        var threads = new Option<int>("--threads") { Description = "Processor threads.", DefaultValueFactory = _ => Environment.ProcessorCount };
        var peer = new Option<string?>("--peer") { Description = "Path of llama-bench, whose decode speed is measured in the same rounds." };
        var json = CommandRun.JsonOption();
        var command = new Command("llm", """
            Decode speed through the chat client and of the raw engine, side by side, and what a long history costs. Exit code 1
            when a target is missed, or not measured: the model must hold a history of 2,000 tokens.

            Example:
              bench llm model.gguf --tokens 200 --peer llama.cpp/build/bin/llama-bench
            """) { file, size, tokens, rounds, threads, peer, json };
        command.SetRun(async (parsed, cancellationToken) =>
        {
            var paths = ConsolePaths.Find();
            var part = await new ModelStore(paths).RequireAsync("llama", null, cancellationToken);
            using var made = parsed.GetValue(file) is null ? new BenchModel(paths, part.Folders, parsed.GetValue(size)!) : null;
            var result = await RunAsync(
                made?.File ?? parsed.GetValue(file)!, part.Folders, parsed.GetValue(threads), parsed.GetValue(tokens), parsed.GetValue(rounds), parsed.GetValue(peer), cancellationToken);
            if (parsed.GetValue(json))
                CommandRun.Print(result);
            else
                result.Print(Console.Out);
            return Target.ExitCode(result.Targets);
        });
        return command;
    }

    private static async Task<LlmResult> RunAsync(
        string file, IReadOnlyList<string> folders, int threads, int tokens, int rounds, string? peer, CancellationToken cancellationToken)
    {
        using var client = new LlamaChatClient(file, folders, threads, ContextTokens, TaskScheduler.Default);
        var (raw, through, ratio, made, bench, share) = await DecodeAsync(client, file, folders, threads, tokens, rounds, peer, cancellationToken);
        var counter = (ITokenCounter)client.GetService(typeof(ITokenCounter))!;
        var history = History(counter);
        var ahead = history is null ? default : await FirstTokenAsync(client, history, rounds, readAhead: true, cancellationToken);
        var after = history is null ? default : await FirstTokenAsync(client, history, rounds, readAhead: false, cancellationToken);
        var bare = history is null ? default : RawFirstToken(client, history, file, folders, threads, rounds);
        return new LlmResult(Path.GetFileName(file), threads, made, rounds, raw, through, ratio, counter.ContextTokens, ahead, after, bare) { PeerTokensPerSecond = bench, PeerRatio = share };
    }

    // Tokens per second of both, the client's share of the engine's in the same round, and the tokens of a reply; the same of the peer.
    internal static async Task<(double Raw, double Client, double Ratio, int Tokens, double? Peer, double? PeerRatio)> DecodeAsync(
        LlamaChatClient client, string file, IReadOnlyList<string> folders, int threads, int tokens, int rounds, string? peer, CancellationToken cancellationToken)
    {
        var greedy = new ChatOptions { Temperature = 0, MaxOutputTokens = tokens };
        using var model = new LlamaModel(file, folders);
        using var context = new LlamaContext(model, threads, ContextTokens);
        ChatMessage[] question = [new(ChatRole.User, "Tell me a story.")];
        var prompt = client.Prompt(question);
        var (raw, through, ratio, count) = (new double[rounds], new double[rounds], new double[rounds], 0);
        var (other, share) = (new List<double>(), new List<double>());
        // One round of each to warm up. A short reply is asked for again and again: milliseconds say more of the machine than of the engine.
        var again = 1;
        for (var round = -1; round < rounds; round++)
        {
            List<int> reply = [];
            var started = Stopwatch.GetTimestamp();
            for (var i = 0; i < again; i++)
                reply = Raw(model, context, greedy, prompt, tokens);
            var rawTime = Stopwatch.GetElapsedTime(started) / again;
            var text = new StringBuilder();
            started = Stopwatch.GetTimestamp();
            for (var i = 0; i < again; i++)
            {
                text.Clear();
                await foreach (var update in client.GetStreamingResponseAsync(question, greedy, cancellationToken))
                    text.Append(update.Text);
            }

            var clientTime = Stopwatch.GetElapsedTime(started) / again;
            if (round < 0)
                again = Math.Max(1, (int)(s_round / rawTime));
            if (Encoding.UTF8.GetString([.. reply.SelectMany(model.Piece)]).TrimStart() != text.ToString())
                throw new InvalidDataException("The model's reply ended at a stop sequence, so the two did not do the same work. Ask for fewer --tokens.");
            count = reply.Count;
            if (round >= 0)
                (raw[round], through[round], ratio[round]) = (count / rawTime.TotalSeconds, count / clientTime.TotalSeconds, rawTime / clientTime);
            if (round < 0 || peer is null)
                continue;
            other.Add(await LlamaBench.DecodeAsync(peer, file, threads, count, prompt.Length, again, cancellationToken));
            share.Add(through[round] / other[^1]);
        }

        return (Median(raw), Median(through), Median(ratio), count, peer is null ? null : Median([.. other]), peer is null ? null : Median([.. share]));
    }

    // What the engine can do when nothing but it runs.
    private static List<int> Raw(LlamaModel model, LlamaContext context, ChatOptions options, int[] prompt, int tokens)
    {
        using var sampler = new LlamaSampler(options);
        for (var read = context.Rewind(prompt); read < prompt.Length;)
            read += context.Read(prompt.AsSpan(read));
        var reply = new List<int>();
        while (true)
        {
            var token = context.Sample(sampler);
            if (model.Ends(token))
                return reply;
            reply.Add(token);
            if (reply.Count == tokens || context.IsFull)
                return reply;
            context.Read([token]);
        }
    }

    // The instructions have been read in both cases: what is compared is a new question of the same length. While the user speaks
    // it is read ahead, as in a conversation; typed, it is read after it was asked.
    private static async Task<FirstToken> FirstTokenAsync(
        LlamaChatClient client, List<ChatMessage> history, int rounds, bool readAhead, CancellationToken cancellationToken)
    {
        return new FirstToken(await MedianAsync([history[0]]), await MedianAsync(history));

        async Task<double> MedianAsync(List<ChatMessage> before)
        {
            var times = new double[rounds];
            for (var round = -1; round < rounds; round++)
            {
                var time = await ReplyAsync(before, new ChatMessage(ChatRole.User, $"What then, {(char)('B' + round)}?"));
                if (round >= 0)
                    times[round] = time;
            }

            return Median(times);
        }

        async Task<double> ReplyAsync(IEnumerable<ChatMessage> before, ChatMessage asked)
        {
            // Brings the context to where the conversation stood before the question.
            await client.PrefillAsync([.. before, new(ChatRole.User, "Hello")], cancellationToken);
            if (readAhead)
                await client.PrefillAsync([.. before, asked], cancellationToken);
            var started = Stopwatch.GetTimestamp();
            await foreach (var _ in client.GetStreamingResponseAsync([.. before, asked], new ChatOptions { Temperature = 0, MaxOutputTokens = 1 }, cancellationToken))
                break;
            return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }
    }

    // The engine alone: all but the prompt's last token have been read.
    private static FirstToken RawFirstToken(LlamaChatClient client, List<ChatMessage> history, string file, IReadOnlyList<string> folders, int threads, int rounds)
    {
        using var model = new LlamaModel(file, folders);
        using var context = new LlamaContext(model, threads, ContextTokens);
        using var sampler = new LlamaSampler(new ChatOptions { Temperature = 0 });
        return new FirstToken(Time([history[0], new(ChatRole.User, "What then?")]), Time([.. history, new(ChatRole.User, "What then?")]));

        double Time(ChatMessage[] messages)
        {
            var prompt = client.Prompt(messages);
            for (var read = context.Rewind(prompt); read < prompt.Length;)
                read += context.Read(prompt.AsSpan(read));
            var times = new double[rounds];
            for (var round = 0; round < rounds; round++)
            {
                var started = Stopwatch.GetTimestamp();
                context.Read(prompt.AsSpan(context.Rewind(prompt)));
                context.Sample(sampler);
                times[round] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            }

            return Median(times);
        }
    }

    private static List<ChatMessage>? History(ITokenCounter counter)
    {
        if (counter.ContextTokens < HistoryTokens * 5 / 4)
            return null;
        List<ChatMessage> history = [new(ChatRole.System, Instructions)];
        for (var tokens = 0; tokens < HistoryTokens; tokens += counter.Count(history[^1].Text) + counter.Count(history[^2].Text))
        {
            history.Add(new ChatMessage(ChatRole.User, $"What did they find on day {history.Count} of the journey?"));
            history.Add(new ChatMessage(ChatRole.Assistant, $"On day {history.Count} they found a river, an old bridge, and a house with a blue door."));
        }

        return history;
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return values[values.Length / 2];
    }
}

/// <summary>Milliseconds to the first token: of the first turn, and on top of a history of 2,000 tokens.</summary>
internal readonly record struct FirstToken(double EmptyMs, double HistoryMs)
{
    public double Ratio => EmptyMs > 0 ? HistoryMs / EmptyMs : 0;

    public override string ToString() => $"empty history {EmptyMs:0.0} ms, on 2,000 tokens {HistoryMs:0.0} ms, ratio {Ratio:0.00}";
}

/// <summary>Medians. The first tokens are 0 where the model's context is too small for the history.</summary>
/// <param name="SpokenFirstToken">The prompt was read ahead while the user spoke.</param>
/// <param name="TypedFirstToken">The question was read after it was asked.</param>
/// <param name="RawFirstToken">The engine alone, one token left to read.</param>
internal sealed record LlmResult(
    string Model, int Threads, int Tokens, int Rounds, double RawTokensPerSecond, double ClientTokensPerSecond, double DecodeRatio, int ContextTokens,
    FirstToken SpokenFirstToken, FirstToken TypedFirstToken, FirstToken RawFirstToken)
{
    public IReadOnlyList<Target> Targets =>
    [
        new("decode speed beside the raw engine's", DecodeRatio, 0.95, AtLeast: true),
        new("first token on 2,000 tokens beside an empty history", SpokenFirstToken.EmptyMs > 0 ? SpokenFirstToken.Ratio : null, 1.2),
    ];

    /// <summary>Of llama-bench; null where it was not asked for.</summary>
    public double? PeerTokensPerSecond { get; init; }

    /// <summary>The client's share of it in the same round.</summary>
    public double? PeerRatio { get; init; }

    public void Print(TextWriter writer)
    {
        writer.WriteLine($"{Model}, {Threads} threads, {Tokens} tokens, median of {Rounds}");
        writer.WriteLine($"decode       raw engine {RawTokensPerSecond:0.0} tokens/s, chat client {ClientTokensPerSecond:0.0} tokens/s, ratio {DecodeRatio:0.000} {Targets[0]}");

        writer.WriteLine($"decode       raw engine {RawTokensPerSecond:0.0} tokens/s, chat client {ClientTokensPerSecond:0.0} tokens/s, ratio {DecodeRatio:0.000}");
        if (PeerRatio is { } share)
            writer.WriteLine($"             llama-bench {PeerTokensPerSecond:0.0} tokens/s, ratio {share:0.000}");
        if (SpokenFirstToken.EmptyMs > 0)
        {
            writer.WriteLine($"first token  spoken, read ahead: {SpokenFirstToken} {Targets[1]}");
            writer.WriteLine($"             raw engine:         {RawFirstToken}");
            writer.WriteLine($"             typed, read after:  {TypedFirstToken}");
        }
        else
        {
            writer.WriteLine($"first token  not measured: a history of 2,000 tokens does not fit in the context of {ContextTokens} {Targets[1]}");
        }
    }
}
