using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace VoiceConsole.Web.Commands.Bench.Pages;

/// <summary>One page in a <see cref="Browser"/>, driven by its DevTools protocol.</summary>
internal sealed class BrowserTab : IAsyncDisposable
{
    private readonly ClientWebSocket _socket = new();
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonNode>> _waiting = new();
    private Task _receiving = Task.CompletedTask;
    private int _last;
    private long _frames, _bytes;

    /// <summary>What has come through the page's own connection to the server so far.</summary>
    public (long Frames, long Bytes) Received => (Interlocked.Read(ref _frames), Interlocked.Read(ref _bytes));

    public static async Task<BrowserTab> AttachAsync(string debugger, CancellationToken cancellationToken)
    {
        var tab = new BrowserTab();
        await tab._socket.ConnectAsync(new Uri(debugger), cancellationToken);
        tab._receiving = tab.ReceiveAsync();
        await tab.SendAsync("Network.enable", new JsonObject(), cancellationToken);
        return tab;
    }

    public Task GoAsync(string address, CancellationToken cancellationToken) => SendAsync("Page.navigate", new JsonObject { ["url"] = address }, cancellationToken);

    /// <summary>The value of a JavaScript expression.</summary>
    public async Task<JsonNode?> EvaluateAsync(string expression, CancellationToken cancellationToken) =>
        (await SendAsync("Runtime.evaluate", new JsonObject { ["expression"] = expression, ["returnByValue"] = true }, cancellationToken))["result"]?["value"];

    /// <summary>Waits until an expression is true.</summary>
    /// <exception cref="TimeoutException">It was not in time.</exception>
    public async Task WaitForAsync(string expression, TimeSpan atMost, CancellationToken cancellationToken)
    {
        var until = DateTime.UtcNow + atMost;
        while ((bool?)await EvaluateAsync($"!!({expression})", cancellationToken) != true)
        {
            if (DateTime.UtcNow > until)
                throw new TimeoutException($"The page did not come to '{expression}' in {atMost.TotalSeconds:0} s.");
            await Task.Delay(50, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Abort();
        await _receiving;
        _socket.Dispose();
        _sending.Dispose();
    }

    private async Task<JsonNode> SendAsync(string method, JsonObject parameters, CancellationToken cancellationToken)
    {
        var id = Interlocked.Increment(ref _last);
        var answer = _waiting[id] = new TaskCompletionSource<JsonNode>(TaskCreationOptions.RunContinuationsAsynchronously);
        var message = JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters });
        await _sending.WaitAsync(cancellationToken);
        try
        {
            await _socket.SendAsync(message, WebSocketMessageType.Text, true, cancellationToken);
        }
        finally
        {
            _sending.Release();
        }

        return await answer.Task.WaitAsync(TimeSpan.FromSeconds(60), cancellationToken);
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[64 * 1024];
        using var message = new MemoryStream();
        try
        {
            while (true)
            {
                var part = await _socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
                if (part.MessageType == WebSocketMessageType.Close)
                    return;
                message.Write(buffer, 0, part.Count);
                if (!part.EndOfMessage)
                    continue;
                Take(JsonNode.Parse(message.ToArray())!);
                message.SetLength(0);
            }
        }
        catch (Exception error) when (error is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The tab was closed.
        }
    }

    private void Take(JsonNode message)
    {
        if ((int?)message["id"] is { } id && _waiting.TryRemove(id, out var waiting))
        {
            waiting.TrySetResult(message["result"] ?? new JsonObject());
            return;
        }

        if ((string?)message["method"] != "Network.webSocketFrameReceived")
            return;
        // Binary frames come in base64.
        var frame = message["params"]!["response"]!;
        var length = ((string?)frame["payloadData"] ?? "").Length;
        Interlocked.Increment(ref _frames);
        Interlocked.Add(ref _bytes, (double?)frame["opcode"] == 2 ? length * 3L / 4 : length);
    }
}
