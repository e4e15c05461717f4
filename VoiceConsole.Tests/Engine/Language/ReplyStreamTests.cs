using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Language;
using VoiceConsole.Tests.Support;

namespace VoiceConsole.Tests.Engine.Language;

public class ReplyStreamTests
{
    private static readonly ConversationOptions s_options = new() { ModelAttempts = 2 };

    [Fact]
    public void GoodModel_ItsWordsAndTheEnd() =>
        Assert.Equal(["It ", "is ", "ten. ", "<end 3>"], Run(time => new ScriptedModel(time, "It is ten.")));

    [Fact]
    public void ModelThatNeverAnswers_IsGivenUpInTime_AndTheFallbackAnswers()
    {
        var parts = Run(_ => new StuckModel(after: 0), time => new ScriptedModel(time, "Yes."));

        Assert.Contains(parts, p => p.Contains("first word within 20 s", StringComparison.Ordinal));
        Assert.Equal(["Yes. ", "<end 1>"], parts[^2..]);
        Assert.Single(parts, p => p.StartsWith("<apology", StringComparison.Ordinal));
    }

    [Fact]
    public void ModelThatStallsInMidReply_IsApologisedForAnew_EachTimeItWasHeard()
    {
        var parts = Run(_ => new StuckModel(after: 3));

        Assert.Equal(2, parts.Count(p => p.StartsWith("<apology", StringComparison.Ordinal)));
        Assert.StartsWith("<failure", parts[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("   ")]
    [InlineData("<think>nothing to say</think>")]
    [InlineData("…")]
    public void ReplyWithNothingToSay_IsNoReply(string reply) =>
        Assert.Equal(["Yes. ", "<end 1>"], Run(time => new ScriptedModel(time, reply), time => new ScriptedModel(time, "Yes."))[^2..]);

    [Fact]
    public void NoModelAtAll_IsSaidOnce_WithoutRetry()
    {
        var parts = Run(_ => new MissingModel("It could not be loaded.", "Choose another."));

        Assert.Equal(2, parts.Count);
        Assert.Contains("no language model", parts[0], StringComparison.Ordinal);
        Assert.StartsWith("<failure", parts[1], StringComparison.Ordinal);
    }

    [Fact]
    public void NoFirstModel_TheFallbackAnswersWithoutAnApology() => Assert.Equal(
        ["<retry fallback It could not be loaded.>", "Yes. ", "<end 1>"],
        Run(_ => new MissingModel("It could not be loaded.", "Choose another."), time => new ScriptedModel(time, "Yes.")));

    [Fact]
    public void ReaderThatLeavesEarly_EndsTheRequest()
    {
        var model = new StuckModel(after: 100);
        var time = new VirtualTime();
        using var loop = new EventLoop(time);

        loop.Run(async () =>
        {
            await foreach (var part in new ReplyStream(model, "first", null, null, s_options, time).ReplyAsync([], "en", default))
                break;
        });

        Assert.True(model.IsCancelled);
        Assert.True(model.IsDisposed);
    }

    private static List<string> Run(Func<VirtualTime, IChatClient> first, Func<VirtualTime, IChatClient>? fallback = null)
    {
        var time = new VirtualTime();
        using var loop = new EventLoop(time);
        var parts = new List<string>();
        loop.Run(async () =>
        {
            await foreach (var part in new ReplyStream(first(time), "first", fallback?.Invoke(time), "fallback", s_options, time).ReplyAsync([], "en", default))
            {
                parts.Add(part switch
                {
                    ReplyText text => text.Text,
                    ReplyEnd end => $"<end {end.Tokens}>",
                    ReplyApology apology => $"<apology {apology.Text}>",
                    ReplyRetry retry => $"<retry {retry.Model} {retry.Error}>",
                    ReplyFailure failure => $"<failure {failure.Error}>",
                    _ => "?",
                });
            }
        });
        return parts;
    }

    /// <summary>Gives some words and then nothing more; it does not listen to its token.</summary>
    private sealed class StuckModel(int after) : IChatClient
    {
        public bool IsCancelled { get; private set; }
        public bool IsDisposed { get; private set; }

        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            using var noted = cancellationToken.Register(() => IsCancelled = true);
            try
            {
                for (var i = 0; i < after; i++)
                    yield return new ChatResponseUpdate(ChatRole.Assistant, "word ");
                await new TaskCompletionSource().Task;
            }
            finally
            {
                IsDisposed = true;
            }
        }

        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public object? GetService(Type serviceType, object? serviceKey = null) => null;
        public void Dispose() { }
    }
}
