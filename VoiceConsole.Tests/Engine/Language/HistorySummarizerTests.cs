using Microsoft.Extensions.AI;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Language;
using VoiceConsole.Tests.Support;

namespace VoiceConsole.Tests.Engine.Language;

public class HistorySummarizerTests
{
    private static readonly ConversationOptions s_options = new() { SystemPrompt = "" };

    [Fact]
    public async Task HistoryThatFits_StaysAsItIs() =>
        Assert.Null(await ShortenAsync(["A summary."], Messages(3, 10)));

    [Fact]
    public async Task FullHistory_OlderHalfBecomesASummary_AndTheNewestStay()
    {
        var history = Messages(20, 30);

        var shortened = (await ShortenAsync(["They spoke of rain."], history))!;

        Assert.Contains("They spoke of rain.", shortened.Messages[0].Text, StringComparison.Ordinal);
        Assert.Equal(history[^1].Text, shortened.Messages[^1].Text);
        Assert.Equal(history.Count, shortened.Replaced + shortened.Messages.Count - 1);
        Assert.True(shortened.Messages.Sum(m => new WordCounter().Count(m.Text)) < WordCounter.Context / 2);
    }

    [Fact]
    public async Task ModelFails_OlderHalfIsLeftOutWithANote()
    {
        var shortened = (await ShortenAsync([null], Messages(20, 30)))!;

        Assert.Contains("left out", shortened.Messages[0].Text, StringComparison.Ordinal);
        Assert.True(shortened.Messages.Count > 1);
    }

    [Fact]
    public async Task HundredThousandCharacters_AreCutToFit()
    {
        var shortened = (await ShortenAsync(["Nothing."], [new ChatMessage(ChatRole.User, string.Concat(Enumerable.Repeat("word ", 20_000)))]))!;

        Assert.InRange(new WordCounter().Count(Assert.Single(shortened.Messages).Text), 10, WordCounter.Context / 2);
    }

    private static Task<Shortened?> ShortenAsync(string?[] replies, IReadOnlyList<ChatMessage> history)
    {
        var time = new VirtualTime();
        Shortened? shortened = null;
        using var loop = new EventLoop(time);
        loop.Run(async () => shortened = await new HistorySummarizer(new ScriptedModel(time, replies), new WordCounter(), s_options, time)
            .ShortenAsync(history, "en", TestContext.Current.CancellationToken));
        return Task.FromResult(shortened);
    }

    private static List<ChatMessage> Messages(int count, int words) =>
        [.. Enumerable.Range(0, count).Select(i => new ChatMessage(i % 2 == 0 ? ChatRole.User : ChatRole.Assistant, string.Concat(Enumerable.Repeat($"w{i} ", words)).Trim()))];

    internal sealed class WordCounter : ITokenCounter
    {
        public const int Context = 500;
        public int ContextTokens => Context;
        public int Count(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length;
    }
}
