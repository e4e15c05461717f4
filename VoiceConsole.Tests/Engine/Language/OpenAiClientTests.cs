using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Language;
using VoiceConsole.Engine.Language.Servers;
using VoiceConsole.Engine.Models;
using VoiceConsole.Tests.Support;
using static VoiceConsole.Tests.Support.OpenAiServer;

namespace VoiceConsole.Tests.Engine.Language;

public class OpenAiClientTests
{
    private const string Finished = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";

    [Theory]
    [InlineData(null, "first")]
    [InlineData("second", "second")]
    public async Task Request_HasTheModelAndTheMessages_AndItsEventsBecomeText(string? model, string asked)
    {
        JsonElement request = default;
        await using var server = await StartAsync((json, response) =>
        {
            request = json;
            // A usage event without a choice, and a role without text, are no part of the reply.
            return response.WriteAsync($"data: {{\"choices\":[{{\"delta\":{{\"role\":\"assistant\",\"content\":null}}}}]}}\n\n{Piece("Good ")}data: {{\"choices\":[]}}\n\n{Piece("morning")}data: [DONE]\n\n");
        });
        using var client = new OpenAiClient(AddressOf(server), model, null);

        var reply = await client.GetResponseAsync(
            [new ChatMessage(ChatRole.System, "Be brief."), new ChatMessage(ChatRole.User, "hello")], new ChatOptions { MaxOutputTokens = 7 }, TestContext.Current.CancellationToken);

        Assert.Equal("Good morning", reply.Text);
        Assert.Equal(asked, request.GetProperty("model").GetString());
        Assert.Equal(7, request.GetProperty("max_completion_tokens").GetInt32());
        Assert.Equal([("system", "Be brief."), ("user", "hello")], request.GetProperty("messages").EnumerateArray().Select(m => (m.GetProperty("role").GetString()!, m.GetProperty("content").GetString()!)));
        Assert.False(request.TryGetProperty("temperature", out _));
    }

    [Fact]
    public async Task StreamThatIsLeftOpenAfterItsReason_HasEnded()
    {
        await using var server = await StartAsync(async (_, response) =>
        {
            await response.WriteAsync(Piece("Good") + Finished);
            await response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, response.HttpContext.RequestAborted);
        });

        Assert.Equal("Good", await AskAsync(server));
    }

    [Fact]
    public async Task HtmlAnswer_IsNamed()
    {
        await using var server = await StartAsync((_, response) => response.WriteAsync("<html>hello</html>"), "text/html");

        var error = await Assert.ThrowsAsync<InvalidDataException>(() => AskAsync(server));

        Assert.Contains("text/html", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TenMegabyteLine_IsRefused()
    {
        await using var server = await StartAsync((_, response) => response.WriteAsync("data: " + new string('x', 10_000_000)));

        var error = await Assert.ThrowsAsync<InvalidDataException>(() => AskAsync(server));

        Assert.Contains("more than 1 MB", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("data: {\"choices\": [{\"delta\": {\"content\": \"Goo", typeof(InvalidDataException))]
    [InlineData("data: {\"choices\": 7}\n\n", typeof(InvalidDataException))]
    [InlineData("data: {\"choices\":[{\"delta\":{\"content\":\"Good\"}}]}\n\n", typeof(IOException))]
    [InlineData("data: {\"error\":{\"message\":\"out of memory\"}}\n\n", typeof(HttpRequestException))]
    public async Task BrokenStream_IsAnError(string sent, Type expected)
    {
        await using var server = await StartAsync((_, response) => response.WriteAsync(sent));

        await Assert.ThrowsAsync(expected, () => AskAsync(server));
    }

    [Fact]
    public async Task Refusal_IsSaidInTheServersWords()
    {
        await using var server = await StartAsync((_, response) =>
        {
            response.StatusCode = 429;
            return response.WriteAsync("{\"error\":{\"message\":\"You are too fast.\"}}");
        });

        var error = await Assert.ThrowsAnyAsync<HttpRequestException>(() => AskAsync(server));

        Assert.EndsWith("429 Too Many Requests: You are too fast.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ServerThatIsDown_FailsTheRequestAndNotTheStart()
    {
        var server = await StartAsync((_, response) => response.WriteAsync(Piece("Good") + Finished));
        var address = AddressOf(server);
        await server.DisposeAsync();
        using var client = new OpenAiClient(address, null, null);

        var error = await Assert.ThrowsAsync<ModelUnavailableException>(() => client.GetResponseAsync("hello"));

        Assert.Contains("Start the server", error.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ContextSize_IsInTheListOfModels()
    {
        await using var server = await StartAsync((_, response) => response.WriteAsync(Finished));
        using var client = new OpenAiClient(AddressOf(server), null, null);
        var counter = Assert.IsAssignableFrom<ITokenCounter>(client.GetService(typeof(ITokenCounter)));
        Assert.Equal(int.MaxValue, counter.ContextTokens);

        await counter.LearnAsync(TestContext.Current.CancellationToken);

        Assert.Equal(ContextTokens, counter.ContextTokens);
    }

    [Theory]
    [InlineData("This model's maximum context length is 4096 tokens. However, you requested 5000 tokens.")]
    [InlineData("request (5000 tokens) exceeds the available context size (4096 tokens), try increasing it")]
    public async Task ContextSize_IsLearntFromARefusal_AndLongHistoryIsShortenedFromThenOn(string refusal)
    {
        await using var server = await StartAsync((_, response) =>
        {
            response.StatusCode = 400;
            return response.WriteAsync(JsonSerializer.Serialize(new { error = new { message = refusal } }));
        }, models: null);
        using var client = new OpenAiClient(AddressOf(server), "some", null);
        var options = new ConversationOptions();
        var engine = new LanguageEngine(client, "some", null, null, options, TimeProvider.System);
        ChatMessage[] history = [new(ChatRole.User, string.Concat(Enumerable.Repeat("word ", 4000)))];
        Assert.Null(await engine.Summarizer!.ShortenAsync(history, "en", TestContext.Current.CancellationToken));

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => client.GetResponseAsync("hello"));
        var shortened = await engine.Summarizer.ShortenAsync(history, "en", TestContext.Current.CancellationToken);

        Assert.InRange(shortened!.Messages.Single().Text.Length, 100, 4096 * 3);
    }

    private static async Task<string> AskAsync(WebApplication server)
    {
        using var client = new OpenAiClient(AddressOf(server), null, null);
        return (await client.GetResponseAsync("hello")).Text;
    }
}
