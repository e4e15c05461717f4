using System.ClientModel;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace VoiceConsole.Engine.Language.Servers;

/// <summary>Any server that speaks OpenAI's interface.</summary>
public static class OpenAiClient
{
    private const int LargestList = 8_000_000;

    /// <param name="server">Ends in /v1.</param>
    /// <param name="model">Null asks the server for its first.</param>
    /// <param name="apiKey">Null where the server wants none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="VoiceConsole.Engine.Models.ModelUnavailableException">The server does not say which models it has.</exception>
    public static async Task<IChatClient> CreateAsync(Uri server, string? model, string? apiKey, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(server);
        model ??= (await ModelsAsync(server, apiKey, cancellationToken))[0];
        var client = new OpenAI.OpenAIClient(new ApiKeyCredential(apiKey ?? "none"), new OpenAI.OpenAIClientOptions { Endpoint = server });
        return client.GetChatClient(model).AsIChatClient();
    }

    /// <summary>The names of the server's models, in its order.</summary>
    /// <param name="server">Ends in /v1.</param>
    /// <param name="apiKey">Null where the server wants none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="VoiceConsole.Engine.Models.ModelUnavailableException">The server does not say which models it has, or has none.</exception>
    public static async Task<IReadOnlyList<string>> ModelsAsync(Uri server, string? apiKey, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(server);
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(10), MaxResponseContentBufferSize = LargestList };
        if (apiKey is not null)
            http.DefaultRequestHeaders.Authorization = new("Bearer", apiKey);
        try
        {
            var list = await http.GetFromJsonAsync<JsonElement>(server.ToString().TrimEnd('/') + "/models", cancellationToken);
            string[] names = [.. list.GetProperty("data").EnumerateArray().Select(m => m.GetProperty("id").GetString()).OfType<string>()];
            return names.Length > 0 ? names : throw new InvalidOperationException("its list is empty.");
        }
        catch (Exception error) when (error is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            throw new Models.ModelUnavailableException($"The server at {server} does not list its models: {error.Message}", "Start the server, or check its address.", error);
        }
    }
}
