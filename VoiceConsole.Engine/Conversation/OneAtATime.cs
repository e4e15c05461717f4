namespace VoiceConsole.Engine.Conversation;

/// <summary>
/// Lets one caller in at a time, in the order they came, without leaving the loop. SemaphoreSlim's own wait with a token
/// continues on the thread pool in between, which lets virtual time run ahead.
/// </summary>
internal sealed class OneAtATime : IDisposable
{
    private readonly SemaphoreSlim _one = new(1, 1);

    /// <summary>Waits for whoever is in; a cancelled caller is refused when its turn comes.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled; it is not in.</exception>
    public async Task EnterAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await _one.WaitAsync(CancellationToken.None);
        if (!cancellationToken.IsCancellationRequested)
            return;
        Leave();
        throw new OperationCanceledException(cancellationToken);
    }

    public void Leave() => _one.Release();

    public void Dispose() => _one.Dispose();
}
