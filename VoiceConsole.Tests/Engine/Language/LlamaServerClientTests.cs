using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Language;
using VoiceConsole.Engine.Language.Servers;
using VoiceConsole.Tests.Support;

namespace VoiceConsole.Tests.Engine.Language;

public class LlamaServerClientTests
{
    [Fact]
    public async Task Events_BecomeText_AndTheServersTemplateIsUsed()
    {
        await using var server = await LlamaServer.StartAsync(async (prompt, response) =>
        {
            await response.WriteAsync($"data: {{\"content\":\"Good \"}}\n\ndata: {{\"content\":\"morning {prompt.Length}\"}}\n\ndata: {{\"content\":\"\",\"stop\":true}}\n\n");
        });

        Assert.Equal("Good morning 8", await AskAsync(server));
    }

    [Fact]
    public async Task ReplyToEnd_TellsHowLongThePromptWas_WhereTheServerSays()
    {
        await using var server = await LlamaServer.StartAsync((_, response) => response.WriteAsync("data: {\"content\":\"Good.\"}\n\ndata: {\"content\":\"\",\"stop\":true,\"tokens_evaluated\":42}\n\n"));
        using var client = new LlamaServerClient(LlamaServer.AddressOf(server));
        var replies = new ReplyStream(client, "server", null, null, new ConversationOptions(), TimeProvider.System);

        var parts = await replies.ReplyAsync([new ChatMessage(ChatRole.User, "hello")], "en", TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);

        Assert.Equal([new ReplyText("Good."), new ReplyEnd(1, 42)], parts);
    }

    [Fact]
    public async Task PrefillAhead_AsksTheServerToReadAndWriteNothing()
    {
        var asked = "";
        await using var server = await LlamaServer.StartAsync((prompt, response) =>
        {
            asked += prompt;
            return response.WriteAsync("{}");
        });
        using var client = new LlamaServerClient(LlamaServer.AddressOf(server));

        await client.PrefillAsync([new ChatMessage(ChatRole.User, "hello")], TestContext.Current.CancellationToken);

        Assert.Equal("<hello>! 0 tokens", asked);
    }

    [Fact]
    public async Task HtmlAnswer_IsNamed()
    {
        await using var server = await LlamaServer.StartAsync((_, response) => response.WriteAsync("<html>hello</html>"), "text/html");

        var error = await Assert.ThrowsAsync<InvalidDataException>(() => AskAsync(server));

        Assert.Contains("text/html", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TenMegabyteLine_IsRefused()
    {
        await using var server = await LlamaServer.StartAsync((_, response) => response.WriteAsync("data: " + new string('x', 10_000_000)));

        var error = await Assert.ThrowsAsync<InvalidDataException>(() => AskAsync(server));

        Assert.Contains("more than 1 MB", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("data: {\"content\": \"Goo", typeof(InvalidDataException))]
    [InlineData("data: {\"content\":\"Good\"}\n\n", typeof(IOException))]
    [InlineData("data: {\"error\":{\"message\":\"out of memory\"}}\n\n", typeof(HttpRequestException))]
    public async Task BrokenStream_IsAnError(string sent, Type expected)
    {
        await using var server = await LlamaServer.StartAsync((_, response) => response.WriteAsync(sent));

        await Assert.ThrowsAsync(expected, () => AskAsync(server));
    }

    [Fact]
    public async Task ContextSize_IsAskedForAndTokensEstimatedTooHighRatherThanTooLow()
    {
        await using var server = await LlamaServer.StartAsync((_, response) => response.SayAsync("Good"));
        using var client = new LlamaServerClient(LlamaServer.AddressOf(server));
        var counter = Assert.IsAssignableFrom<ITokenCounter>(client.GetService(typeof(ITokenCounter)));
        Assert.Equal(int.MaxValue, counter.ContextTokens);

        await counter.LearnAsync(TestContext.Current.CancellationToken);

        Assert.Equal(LlamaServer.ContextTokens, counter.ContextTokens);
        Assert.InRange(counter.Count("Once upon a time there was a dog."), 9, 15);
        Assert.InRange(counter.Count("从前有一只狗。"), 7, 10);
    }

    [Fact]
    public async Task FirstTurnLongerThanTheContext_IsShortenedBeforeItIsSent()
    {
        await using var server = await LlamaServer.StartAsync((_, response) => response.SayAsync("Good"));
        using var client = new LlamaServerClient(LlamaServer.AddressOf(server));
        var engine = new LanguageEngine(client, "server", null, null, new ConversationOptions(), TimeProvider.System);

        var shortened = await engine.Summarizer!.ShortenAsync(
            [new ChatMessage(ChatRole.User, string.Concat(Enumerable.Repeat("word ", 4000)))], "en", TestContext.Current.CancellationToken);

        Assert.InRange(shortened!.Messages.Single().Text.Length, 100, 3 * LlamaServer.ContextTokens);
    }

    [Theory]
    [InlineData("{\"prompt\":", typeof(InvalidDataException))]
    [InlineData("long", typeof(HttpRequestException))]
    public async Task TemplateAnswerThatIsBroken_IsAnError(string answer, Type expected)
    {
        await using var server = await LlamaServer.StartAsync(
            (_, response) => response.SayAsync("Good"), template: answer == "long" ? $"{{\"prompt\":\"{new string('x', 10_000_000)}\"}}" : answer);

        await Assert.ThrowsAsync(expected, () => AskAsync(server));
    }

    [Fact]
    public async Task RefusedConnection_IsAnError()
    {
        var server = await LlamaServer.StartAsync((_, response) => response.WriteAsync(""));
        var address = LlamaServer.AddressOf(server);
        await server.DisposeAsync();
        using var client = new LlamaServerClient(address);

        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetResponseAsync("hello"));
    }

    [Theory]
    [InlineData("http://user:secret@localhost:8080/?key=secret", ModelAddressKind.LlamaServer, "http://localhost:8080")]
    [InlineData("http://localhost:8000/v1", ModelAddressKind.OpenAi, "http://localhost:8000/v1")]
    [InlineData("http://localhost:8000/v1#big%20one", ModelAddressKind.OpenAi, "big one at http://localhost:8000/v1")]
    [InlineData("models/some.gguf", ModelAddressKind.File, "some.gguf")]
    public void Address_IsUnderstood_AndKeepsNoSecret(string text, ModelAddressKind kind, string name)
    {
        var address = ModelAddress.Parse(text);

        Assert.Equal(kind, address.Kind);
        Assert.Equal(name, address.Name);
    }

    private static async Task<string> AskAsync(WebApplication server)
    {
        using var client = new LlamaServerClient(LlamaServer.AddressOf(server));
        return (await client.GetResponseAsync("hello")).Text;
    }
}
