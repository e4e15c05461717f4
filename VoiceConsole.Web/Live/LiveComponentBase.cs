using Microsoft.AspNetCore.Components;

namespace VoiceConsole.Web.Live;

/// <summary>A component that renders again, on its own dispatcher, when the conversation changes: at most ten times a second.</summary>
public abstract class LiveComponentBase : ComponentBase, IDisposable
{
    [Inject]
    private LiveSignal Signal { get; set; } = null!;

    private object? _shown;

    /// <summary>What the component shows of the conversation, comparable: it renders only when this has changed. Null renders with every change.</summary>
    protected virtual object? Shown => null;

    protected override void OnInitialized() => Signal.Changed += OnChanged;

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
            Signal.Changed -= OnChanged;
    }

    // A circuit that is going down refuses the work; nobody looks at it any more.
    private void OnChanged() => _ = InvokeAsync(Look).ContinueWith(
        static refused => _ = refused.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);

    private void Look()
    {
        var now = Shown;
        if (now is not null && now.Equals(_shown))
            return;
        _shown = now;
        StateHasChanged();
    }
}
