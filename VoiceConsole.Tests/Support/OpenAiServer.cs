using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace VoiceConsole.Tests.Support;

/// <summary>A server that speaks OpenAI's interface, with what the test lets it say.</summary>
internal static class OpenAiServer
{
    public const int ContextTokens = 2048;

    /// <param name="complete">Answers a request.</param>
    /// <param name="type">Content type of the answers.</param>
    /// <param name="models">The answer to /models; null for a server that has none.</param>
    public static async Task<WebApplication> StartAsync(
        Func<JsonElement, HttpResponse, Task> complete, string type = "text/event-stream", string? models = "{\"data\":[{\"id\":\"first\",\"max_model_len\":2048},{\"id\":\"second\"}]}")
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        if (models is not null)
            app.MapGet("/v1/models", () => Results.Text(models, "application/json"));
        app.MapPost("/v1/chat/completions", async (HttpContext context) =>
        {
            var request = await context.Request.ReadFromJsonAsync<JsonElement>();
            context.Response.ContentType = type;
            await complete(request, context.Response);
        });
        await app.StartAsync();
        return app;
    }

    /// <summary>One piece of an answer.</summary>
    public static string Piece(string text) => $"data: {{\"choices\":[{{\"delta\":{{\"content\":\"{text}\"}},\"finish_reason\":null}}]}}\n\n";

    public static Uri AddressOf(WebApplication server) => new(LlamaServer.AddressOf(server), "/v1");
}
