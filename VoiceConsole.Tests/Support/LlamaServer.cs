using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace VoiceConsole.Tests.Support;

/// <summary>A server that speaks as llama-server does, with what the test lets it say.</summary>
internal static class LlamaServer
{
    public const int ContextTokens = 2048;

    /// <param name="complete">Answers a prompt.</param>
    /// <param name="type">Content type of the answers.</param>
    /// <param name="template">The answer to /apply-template.</param>
    public static async Task<WebApplication> StartAsync(Func<string, HttpResponse, Task> complete, string type = "text/event-stream", string template = "{\"prompt\":\"<hello>!\"}")
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapGet("/props", () => Results.Json(new { default_generation_settings = new { n_ctx = ContextTokens } }));
        app.MapPost("/apply-template", () => Results.Text(template, "application/json"));
        app.MapPost("/completion", async (HttpContext context) =>
        {
            var request = await context.Request.ReadFromJsonAsync<Dictionary<string, object>>();
            context.Response.ContentType = type;
            // A request that only has the prompt read ahead shows in the prompt.
            await complete(request!["prompt"] + (request["n_predict"].ToString() == "0" ? " 0 tokens" : ""), context.Response);
        });
        await app.StartAsync();
        return app;
    }

    /// <summary>One whole answer.</summary>
    public static Task SayAsync(this HttpResponse response, string text) =>
        response.WriteAsync($"data: {{\"content\":\"{text}\"}}\n\ndata: {{\"content\":\"\",\"stop\":true}}\n\n");

    public static Uri AddressOf(WebApplication server) => new(server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
}
