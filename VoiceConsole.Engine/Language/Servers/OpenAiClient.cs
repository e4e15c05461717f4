using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;
using VoiceConsole.Engine.Models;

namespace VoiceConsole.Engine.Language.Servers;

/// <summary>Any server that speaks OpenAI's interface, by its /chat/completions over server-sent events. It is asked nothing before the first request.</summary>
/// <remarks>
/// Thread-safe. Time-outs are the caller's (<see cref="ReplyStream"/>). Not by OpenAI's own library: that retries by itself, reads lines of
/// any length, and takes a web page or a stream that breaks off for a reply that has ended.
/// </remarks>
public sealed class OpenAiClient : IChatClient
{
    private const int LargestList = 8_000_000;
    private static readonly TimeSpan s_listTime = TimeSpan.FromSeconds(10);

    // What servers call the tokens that prompt and reply may fill together.
    private static readonly string[] s_contextNames = ["max_model_len", "context_length", "context_window", "n_ctx"];

    private readonly HttpClient _http;
    private readonly Uri _server;
    private readonly EstimatedTokenCounter _counter;
    private string? _model;

    /// <param name="server">Ends in /v1.</param>
    /// <param name="model">Null asks the server for its first, when there is something to ask of it.</param>
    /// <param name="apiKey">Null where the server wants none.</param>
    public OpenAiClient(Uri server, string? model, string? apiKey)
    {
        ArgumentNullException.ThrowIfNull(server);
        _server = server;
        _model = model;
        _http = Client(apiKey);
        _counter = new EstimatedTokenCounter(ContextAsync);
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        _model ??= (await ListAsync(_http, _server, cancellationToken))[0].Name;
        var body = new
        {
            model = _model,
            messages = messages.Select(m => new { role = m.Role.Value, content = m.Text }),
            stream = true,
            max_completion_tokens = options?.MaxOutputTokens,
            temperature = options?.Temperature,
            stop = options?.StopSequences,
        };
        await using var events = EventStream.PostAsync(_http, Address(_server, "chat/completions"), body, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await NextAsync(events))
        {
            if (events.Current == "[DONE]")
                yield break;
            var (text, ended) = EventStream.Read(events.Current, Piece);
            if (text.Length > 0)
                yield return new ChatResponseUpdate(ChatRole.Assistant, text);
            if (ended)
                yield break;
        }
    }

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null : serviceType == typeof(ITokenCounter) ? _counter : serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose() => _http.Dispose();

    /// <summary>The names of the server's models, in its order.</summary>
    /// <param name="server">Ends in /v1.</param>
    /// <param name="apiKey">Null where the server wants none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ModelUnavailableException">The server does not say which models it has, or has none.</exception>
    public static async Task<IReadOnlyList<string>> ModelsAsync(Uri server, string? apiKey, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(server);
        using var http = Client(apiKey);
        return [.. (await ListAsync(http, server, cancellationToken)).Select(m => m.Name)];
    }

    private static HttpClient Client(string? apiKey)
    {
        var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = LargestList };
        if (apiKey is not null)
            http.DefaultRequestHeaders.Authorization = new("Bearer", apiKey);
        return http;
    }

    private static Uri Address(Uri server, string path) => new($"{server.ToString().TrimEnd('/')}/{path}");

    private static async Task<IReadOnlyList<(string Name, int? Context)>> ListAsync(HttpClient http, Uri server, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_listTime);
        try
        {
            var list = await http.GetFromJsonAsync<JsonElement>(Address(server, "models"), limit.Token);
            (string, int?)[] models = [.. list.GetProperty("data").EnumerateArray().Select(m => (m.GetProperty("id").GetString()!, ContextOf(m)))];
            return models.Length > 0 ? models : throw new InvalidOperationException("its list is empty.");
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ModelUnavailableException($"The server at {server} does not list its models: {error.Message}", "Start the server, or check its address.", error);
        }
    }

    private static int? ContextOf(JsonElement model)
    {
        foreach (var name in s_contextNames)
        {
            if ((model.TryGetProperty(name, out var size) || (model.TryGetProperty("meta", out var meta) && meta.TryGetProperty(name, out size)))
                && size.ValueKind == JsonValueKind.Number && size.TryGetInt32(out var tokens) && tokens > 0)
                return tokens;
        }

        return null;
    }

    private static (string Text, bool Ended) Piece(JsonElement root)
    {
        // Events without a choice tell other things, such as what was used.
        if (!root.TryGetProperty("choices", out var choices) || choices.GetArrayLength() == 0)
            return ("", false);
        var choice = choices[0];
        return (
            choice.TryGetProperty("delta", out var delta) && delta.TryGetProperty("content", out var content) ? content.GetString() ?? "" : "",
            choice.TryGetProperty("finish_reason", out var reason) && reason.ValueKind == JsonValueKind.String);
    }

    private async ValueTask<bool> NextAsync(IAsyncEnumerator<string> events)
    {
        try
        {
            return await events.MoveNextAsync();
        }
        catch (ServerRefusedException refusal)
        {
            _counter.LearnFrom(refusal);
            throw;
        }
    }

    // A server that lists no models may have one all the same, if its name is known.
    private async Task<int?> ContextAsync(CancellationToken cancellationToken)
    {
        try
        {
            var models = await ListAsync(_http, _server, cancellationToken);
            return models.FirstOrDefault(m => m.Name == (_model ?? m.Name)).Context;
        }
        catch (ModelUnavailableException) when (_model is not null)
        {
            return null;
        }
    }
}
