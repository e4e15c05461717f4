using Microsoft.AspNetCore.Components;

namespace VoiceConsole.Web.Live;

/// <summary>A component that looks again every so often whether what it shows has changed; never two looks at a time.</summary>
public abstract class RefreshingComponentBase : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource _gone = new();
    private ITimer? _timer;
    private int _looking;

    // Whoever is still loading when the page goes asks for the token once more.
    protected RefreshingComponentBase() => Gone = _gone.Token;

    [Inject]
    private TimeProvider Time { get; set; } = null!;

    /// <summary>Cancelled when nobody looks any more.</summary>
    protected CancellationToken Gone { get; }

    protected static TimeSpan Interval => TimeSpan.FromSeconds(1);

    /// <summary>Looks, on the component's dispatcher, and renders if there is something new. Handles its own errors.</summary>
    protected abstract Task RefreshAsync();

    protected override void OnInitialized() => _timer = Time.CreateTimer(_ => Look(), null, Interval, Interval);

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        _timer?.Dispose();
        _gone.Cancel();
        _gone.Dispose();
    }

    // A circuit that is going down refuses the work; nobody looks at it any more.
    private void Look()
    {
        if (Interlocked.Exchange(ref _looking, 1) == 1)
            return;
        _ = InvokeAsync(RefreshAsync).ContinueWith(
            looked =>
            {
                _ = looked.Exception;
                Volatile.Write(ref _looking, 0);
            },
            CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }
}
