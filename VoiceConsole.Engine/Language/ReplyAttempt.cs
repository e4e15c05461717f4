using Microsoft.Extensions.AI;

namespace VoiceConsole.Engine.Language;

/// <summary>One request to one model. A model that no longer answers, not even to its token, is left behind.</summary>
internal sealed class ReplyAttempt : IDisposable
{
    private readonly TimeProvider _time;
    private readonly CancellationToken _outer;
    private readonly CancellationTokenSource _cancel;
    private readonly IAsyncEnumerator<ChatResponseUpdate> _updates;
    private Task<bool> _moving = Task.FromResult(true);

    public ReplyAttempt(IChatClient client, IEnumerable<ChatMessage> messages, ChatOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        _time = time;
        _outer = cancellationToken;
        _cancel = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            _updates = client.GetStreamingResponseAsync(messages, options, _cancel.Token).GetAsyncEnumerator(_cancel.Token);
        }
        catch
        {
            _cancel.Dispose();
            throw;
        }
    }

    /// <summary>Tokens of the prompt, once the model has said.</summary>
    public long? PromptTokens { get; private set; }

    /// <summary>The next text that is not empty, or null at the end.</summary>
    /// <exception cref="TimeoutException">Nothing came within <paramref name="timeout"/>.</exception>
    public async Task<string?> NextAsync(TimeSpan timeout)
    {
        var asked = _time.GetTimestamp();
        while (true)
        {
            // Updates without text (roles, usage) do not win the model more time.
            var left = timeout - _time.GetElapsedTime(asked);
            _moving = _updates.MoveNextAsync().AsTask();
            if (!await _moving.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, _time, _outer))
                return null;
            if (_updates.Current.Contents.OfType<UsageContent>().LastOrDefault() is { } usage)
                PromptTokens = usage.Details.InputTokenCount ?? PromptTokens;
            if (_updates.Current.Text is { Length: > 0 } text)
                return text;
        }
    }

    public void Dispose() => Close();

    private async void Close()
    {
        try
        {
            _cancel.Cancel();
        }
        catch (AggregateException)
        {
            // A callback of the model's own failed; the request is given up either way.
        }

        try
        {
            // Its outcome is nobody's concern any more, but an exception must have been seen.
            await _moving;
        }
        catch (Exception)
        {
            // The caller has heard of it or has stopped listening.
        }

        try
        {
            await _updates.DisposeAsync();
        }
        catch (Exception)
        {
            // As above.
        }

        _cancel.Dispose();
    }
}
