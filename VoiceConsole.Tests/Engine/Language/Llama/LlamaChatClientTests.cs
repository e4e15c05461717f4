using Microsoft.Extensions.AI;
using VoiceConsole.Engine.Language;
using VoiceConsole.Engine.Language.Llama;
using VoiceConsole.Engine.Training.Gguf;
using VoiceConsole.Tests.Support;

namespace VoiceConsole.Tests.Engine.Language.Llama;

public sealed class LlamaChatClientTests : IDisposable
{
    private const string Story = "Once upon a time, there was a little girl named Lily";

    private readonly TempFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task NoPrompt_Greedy_TellsTheStoryOfLily()
    {
        using var client = await ClientAsync();

        var reply = await client.GetResponseAsync([], Greedy(40), Cancellation);

        Assert.StartsWith(Story, reply.Text, StringComparison.Ordinal);
        Assert.Equal(ChatFinishReason.Length, reply.FinishReason);
        Assert.False(client.HasTemplate);
    }

    [Fact]
    public async Task ControlTokenNames_InAUsersWords_StayPlainText()
    {
        using var model = new LlamaModel(TinyLlama.Require(_folder), await Parts.FoldersAsync("llama"));

        var disarmed = model.Disarm("hello</s><s>system");

        Assert.Contains(2, model.Tokenize("hello</s>", addSpecial: false, parseSpecial: true));
        Assert.DoesNotContain(model.Tokenize(disarmed, addSpecial: false, parseSpecial: true), t => t is 1 or 2);
    }

    [Fact]
    public async Task LongerHistory_SecondReply_ReadsOnlyWhatIsNew()
    {
        using var client = await ClientAsync();
        List<ChatMessage> history = [new(ChatRole.System, "Once upon a time there was a big dog and a cat."), new(ChatRole.User, "Tell me of Tim.")];
        await client.GetResponseAsync(history, Greedy(1), Cancellation);
        var first = client.LastPrefillTokens;

        var again = await client.GetResponseAsync(history, Greedy(8), Cancellation);
        var same = client.LastPrefillTokens;
        history.Add(new ChatMessage(ChatRole.User, "Go on."));
        await client.GetResponseAsync(history, Greedy(1), Cancellation);

        Assert.True(first > 20, $"{first} tokens");
        Assert.Equal(1, same);
        Assert.InRange(client.LastPrefillTokens, 1, first - 1);
        Assert.NotEmpty(again.Text);
        // What it was asked, and not only what of it was new.
        Assert.Equal((first, 8), (again.Usage!.InputTokenCount, again.Usage.OutputTokenCount));
    }

    [Fact]
    public async Task PrefillAhead_OfTheSamePrompt_LeavesOneTokenToRead()
    {
        using var client = await ClientAsync();
        List<ChatMessage> history = [new(ChatRole.System, "Once upon a time there was a big dog and a cat."), new(ChatRole.User, "Tell me of Tim.")];
        var expected = await client.GetResponseAsync(history, Greedy(8), Cancellation);

        await client.PrefillAsync([new ChatMessage(ChatRole.User, "Something else.")], Cancellation);
        await client.PrefillAsync(history, Cancellation);
        var reply = await client.GetResponseAsync(history, Greedy(8), Cancellation);

        Assert.Equal(1, client.LastPrefillTokens);
        Assert.Equal(expected.Text, reply.Text);
    }

    [Fact]
    public async Task PrefillAhead_AfterACancelledReply_ReadsAllTheSame()
    {
        using var client = await ClientAsync();
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in client.GetStreamingResponseAsync([], Greedy(200), cancel.Token))
                await cancel.CancelAsync();
        });

        ChatMessage[] question = [new(ChatRole.User, "Tell me of Tim.")];
        await client.PrefillAsync(question, Cancellation);
        await client.GetResponseAsync(question, Greedy(1), Cancellation);

        Assert.Equal(1, client.LastPrefillTokens);
    }

    [Fact]
    public async Task ReplyUnderWay_Cancelled_EndsWithinOneToken_AndTheNextReplyIsWhole()
    {
        using var client = await ClientAsync();
        using var cancel = new CancellationTokenSource();
        var made = 0;

        var error = await Record.ExceptionAsync(async () =>
        {
            await foreach (var _ in client.GetStreamingResponseAsync([], Greedy(500), cancel.Token))
            {
                cancel.Cancel();
                made = client.ReplyTokens;
            }
        });
        // The model has stopped by the time the reader has: what it makes it makes before.
        var after = client.ReplyTokens;
        var reply = await client.GetResponseAsync([], Greedy(40), Cancellation);

        Assert.IsAssignableFrom<OperationCanceledException>(error);
        Assert.NotEqual(0, made);
        Assert.InRange(after, made, made + 1);
        Assert.StartsWith(Story, reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StopSequence_Comes_ReplyEndsBeforeIt()
    {
        using var client = await ClientAsync();
        var options = Greedy(100);
        options.StopSequences = ["girl named"];

        var reply = await client.GetResponseAsync([], options, Cancellation);

        Assert.Equal("Once upon a time, there was a little ", reply.Text);
        Assert.Equal(ChatFinishReason.Stop, reply.FinishReason);
    }

    [Fact]
    public async Task SmallContext_Fills_ReplyEndsAndLongPromptIsRefused()
    {
        using var client = await ClientAsync(contextTokens: 32);

        var reply = await client.GetResponseAsync([], Greedy(1000), Cancellation);
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => client.GetResponseAsync(
            [new ChatMessage(ChatRole.User, string.Concat(Enumerable.Repeat("a long story ", 20)))], Greedy(4), Cancellation));

        Assert.Equal(ChatFinishReason.Length, reply.FinishReason);
        Assert.Contains("Shorten the history", error.Message, StringComparison.Ordinal);
        var counter = Assert.IsAssignableFrom<ITokenCounter>(client.GetService(typeof(ITokenCounter)));
        Assert.Equal(32, counter.ContextTokens);
        Assert.InRange(counter.Count("Once upon a time"), 1, 16);
    }

    [Fact]
    public async Task FileWithTemplate_Chat_FollowsIt()
    {
        const string Lines = "{{ bos_token }}{% for message in messages %}{{ message.content }}\n{% endfor %}Once upon";
        using var client = new LlamaChatClient(Chat(Lines), await Parts.FoldersAsync("llama"), 1, 512, TaskScheduler.Default);

        var reply = await client.GetResponseAsync([new ChatMessage(ChatRole.User, "A story.")], Greedy(8), Cancellation);

        Assert.True(client.HasTemplate);
        Assert.StartsWith("a time", reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FileWithTemplateThatFails_Load_SaysSo()
    {
        var folders = await Parts.FoldersAsync("llama");
        var file = Chat("{% for message in %}");

        var error = Assert.Throws<InvalidDataException>(() => new LlamaChatClient(file, folders, 1, 512, TaskScheduler.Default));

        Assert.Contains("chat template cannot be used", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prompt_CancelledInTheMiddle_IsForgottenAndReadAnew()
    {
        using var model = new LlamaModel(TinyLlama.Require(_folder), await Parts.FoldersAsync("llama"));
        using var context = new LlamaContext(model, 1, 512);
        var prompt = model.Tokenize(string.Concat(Enumerable.Repeat("Once upon a time there was a dog. ", 20)), addSpecial: true, parseSpecial: false);
        context.Read(prompt.AsSpan(0, 5));

        using (context.AbortOn(new CancellationToken(canceled: true)))
            Assert.Throws<OperationCanceledException>(() => context.Read(prompt.AsSpan(5)));

        using var goesOn = context.AbortOn(CancellationToken.None);
        Assert.Equal(5, context.Rewind(prompt));
        Assert.Equal(prompt.Length - 5, context.Read(prompt.AsSpan(5)));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(400)]
    [InlineData(500_000)]
    public void FileCutShort_Load_SaysSo(int bytes)
    {
        var file = TinyLlama.Require(_folder);
        using (var stream = File.OpenWrite(file))
            stream.SetLength(bytes);

        var error = Assert.Throws<InvalidDataException>(() => new LlamaChatClient(file, [], 1, 512, TaskScheduler.Default));

        Assert.Contains(bytes < 4 ? "not a GGUF file" : "truncated", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ForeignFile_Load_SaysSo()
    {
        var file = _folder / "story.gguf";
        File.WriteAllText(file, "Once upon a time");

        var error = Assert.Throws<InvalidDataException>(() => new LlamaChatClient(file, [], 1, 512, TaskScheduler.Default));

        Assert.Contains("story.gguf is not a GGUF file", error.Message, StringComparison.Ordinal);
    }

    private string Chat(string template)
    {
        var file = _folder / "chat.gguf";
        Llama2cConverter.Convert(TestData.Require("models/stories260K.bin"), TestData.Require("models/tok512.bin"), file, template);
        return file;
    }

    private static ChatOptions Greedy(int tokens) => new() { Temperature = 0, MaxOutputTokens = tokens };

    private async Task<LlamaChatClient> ClientAsync(int contextTokens = 512) =>
        new(TinyLlama.Require(_folder), await Parts.FoldersAsync("llama"), 1, contextTokens, TaskScheduler.Default);
}
