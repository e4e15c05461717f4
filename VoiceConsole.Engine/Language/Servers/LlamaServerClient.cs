using System.Net;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace VoiceConsole.Engine.Language.Servers;

/// <summary>
/// llama-server by its own /completion over server-sent events. The server applies its model's chat template
/// (/apply-template); one that is too old for that gets ChatML.
/// </summary>
/// <remarks>Thread-safe. Time-outs are the caller's (<see cref="ReplyStream"/>).</remarks>
public sealed class LlamaServerClient : IChatClient, IPromptPrefill
{
    private const int MaxAnswer = 8_000_000;
    private readonly HttpClient _http;
    private readonly Uri _server;
    private readonly EstimatedTokenCounter _counter;

    public LlamaServerClient(Uri server) : this(server, new HttpClient { Timeout = Timeout.InfiniteTimeSpan }) { }

    internal LlamaServerClient(Uri server, HttpClient http)
    {
        ArgumentNullException.ThrowIfNull(server);
        _server = new Uri(server.ToString().TrimEnd('/') + "/");
        _http = http;
        // Streams are bounded line by line; this is for answers that come whole.
        _http.MaxResponseContentBufferSize = MaxAnswer;
        _counter = new EstimatedTokenCounter(ContextAsync);
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var (prompt, stop) = await PromptAsync([.. messages], cancellationToken);
        var body = new
        {
            prompt,
            stream = true,
            cache_prompt = true,
            n_predict = options?.MaxOutputTokens ?? 256,
            temperature = options?.Temperature ?? 0.7f,
            stop = stop.Concat(options?.StopSequences ?? []),
        };
        await foreach (var data in EventStream.PostAsync(_http, new Uri(_server, "completion"), body, cancellationToken))
        {
            var (text, ended, read) = EventStream.Read(data, static root => (
                root.TryGetProperty("content", out var content) ? content.GetString() ?? "" : "",
                root.TryGetProperty("stop", out var stop) && stop.ValueKind == JsonValueKind.True,
                root.TryGetProperty("tokens_evaluated", out var evaluated) && evaluated.ValueKind == JsonValueKind.Number && evaluated.TryGetInt64(out var tokens) ? tokens : (long?)null));
            if (text.Length > 0)
                yield return new ChatResponseUpdate(ChatRole.Assistant, text);
            if (ended && read is { } prompted)
                yield return new ChatResponseUpdate(ChatRole.Assistant, [new UsageContent(new UsageDetails { InputTokenCount = prompted })]);
            if (ended)
                yield break;
        }
    }

    /// <inheritdoc/>
    public async Task PrefillAsync(IEnumerable<ChatMessage> messages, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var (prompt, _) = await PromptAsync([.. messages], cancellationToken);
        // No tokens asked for: the server reads the prompt into its cache and answers.
        using var response = await _http.PostAsJsonAsync(
            new Uri(_server, "completion"), new { prompt, stream = false, cache_prompt = true, n_predict = 0 }, cancellationToken);
    }

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null : serviceType == typeof(ITokenCounter) ? _counter : serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose() => _http.Dispose();

    private async Task<(string Prompt, IEnumerable<string> Stop)> PromptAsync(IReadOnlyList<ChatMessage> messages, CancellationToken cancellationToken)
    {
        using var response = await _http.PostAsJsonAsync(
            new Uri(_server, "apply-template"), new { messages = messages.Select(m => new { role = m.Role.Value, content = m.Text }) }, cancellationToken);
        if (await JsonAsync(response, cancellationToken) is { ValueKind: JsonValueKind.Object } answer
            && answer.TryGetProperty("prompt", out var prompt) && prompt.ValueKind == JsonValueKind.String)
            return (prompt.GetString()!, []);
        var chatMl = new StringBuilder();
        foreach (var message in messages)
            chatMl.Append("<|im_start|>").Append(message.Role.Value).Append('\n').Append(message.Text).Append("<|im_end|>\n");
        return (chatMl.Append("<|im_start|>assistant\n").ToString(), ["<|im_end|>"]);
    }

    private async Task<int?> ContextAsync(CancellationToken cancellationToken)
    {
        using var response = await _http.GetAsync(new Uri(_server, "props"), cancellationToken);
        if (response.StatusCode == HttpStatusCode.ServiceUnavailable)
            throw new HttpRequestException($"The model server at {_server} is still loading its model.", null, response.StatusCode);
        return await JsonAsync(response, cancellationToken) is { ValueKind: JsonValueKind.Object } props
            && props.TryGetProperty("default_generation_settings", out var settings) && settings.ValueKind == JsonValueKind.Object
            && settings.TryGetProperty("n_ctx", out var size) && size.TryGetInt32(out var tokens) && tokens > 0
            ? tokens
            : null;
    }

    private static async Task<JsonElement?> JsonAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (!response.IsSuccessStatusCode || response.Content.Headers.ContentType?.MediaType != "application/json")
            return null;
        try
        {
            return await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"The model server's answer to {response.RequestMessage?.RequestUri?.AbsolutePath} is not JSON, although it says so.", error);
        }
    }
}
