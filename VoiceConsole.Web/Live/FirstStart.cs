using System.Collections.Immutable;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Models;

namespace VoiceConsole.Web.Live;

/// <summary>
/// Fetches, when the console starts and while the page is already served, the parts that its conversations need, and follows
/// how far they are, whoever fetches them. Thread-safe.
/// </summary>
/// <param name="store">Where the parts come from.</param>
/// <param name="request">What conversations use.</param>
/// <param name="signal">Told of every change.</param>
/// <param name="time">For the time left.</param>
/// <param name="terminal">Takes a line when a part begins and when it ends; may be null.</param>
internal sealed class FirstStart(ModelStore store, ConversationRequest request, LiveSignal signal, TimeProvider time, IProgress<string>? terminal = null) : IHostedService, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly TransferRate _rate = new(time);
    private ImmutableList<ModelProgress> _parts = [];
    private Task _fetching = Task.CompletedTask;
    private bool _isFetching;
    private (string Part, CancellationTokenSource Stop)? _now;

    /// <summary>Every part that is needed, in the order of fetching; none before the start.</summary>
    public ImmutableList<ModelProgress> Parts => Volatile.Read(ref _parts);

    /// <summary>Something is missing still.</summary>
    public bool IsIncomplete => Parts.Any(p => p.Step != PartStep.Ready);

    /// <summary>Why it cannot be said what is needed; null when it can.</summary>
    public LiveProblem? Problem { get; private set; }

    /// <summary>Until the rest is fetched, at the speed of the last seconds; null where that is not known.</summary>
    public TimeSpan? Left
    {
        get
        {
            var parts = Parts;
            return parts.Any(p => p.Step == PartStep.Fetching) ? _rate.Left(parts.Where(p => p.Step != PartStep.Failed).Sum(p => p.Part.Size - p.Bytes)) : null;
        }
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        store.Progressed += Follow;
        try
        {
            _parts = [.. EngineLoader.PartsOf(request, store.Catalog).Select(p => store.StateOf(p).IsInstalled
                ? new ModelProgress(p, PartStep.Ready, p.Size)
                : new ModelProgress(p, PartStep.Waiting, 0))];
            Fetch();
        }
        catch (Exception error) when (error is InvalidDataException or ModelUnavailableException or ArgumentException)
        {
            // The console starts all the same; a conversation will say it again.
            Problem = new LiveProblem(error.Message, (error as ModelUnavailableException)?.Remedy ?? "");
            terminal?.Report(error.Message);
        }

        return Task.CompletedTask;
    }

    /// <summary>Breaks the fetch of a part off and goes on to the next; what has come of it stays for <see cref="Retry"/>.</summary>
    public void Pause(string id)
    {
        lock (_lock)
        {
            if (_now is { } now && store.Catalog.WithNeeds([now.Part]).Any(p => p.Id == id))
                now.Stop.Cancel();
        }
    }

    /// <summary>Tries a part that failed again, with what it needs and what failed for want of it.</summary>
    public void Retry(string id)
    {
        var needed = store.Catalog.WithNeeds([id]);
        ImmutableInterlocked.Update(ref _parts, parts => [.. parts.Select(p => p.Step == PartStep.Failed && IsAkin(p.Part) ? new ModelProgress(p.Part, PartStep.Waiting, 0) : p)]);
        signal.Notify();
        Fetch();

        bool IsAkin(CatalogPart part) => needed.Contains(part) || store.Catalog.WithNeeds([part.Id]).Any(p => p.Id == id);
    }

    // What has been fetched so far stays.
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        Task fetching;
        lock (_lock)
            fetching = _fetching;
        await fetching;
        store.Progressed -= Follow;
    }

    public void Dispose() => _stop.Dispose();

    private void Fetch()
    {
        lock (_lock)
        {
            if (_isFetching)
                return;
            _isFetching = true;
            _fetching = Task.Run(FetchAsync);
        }
    }

    // Looking for the next and ceasing to look are one step, so that no retry falls between.
    private CatalogPart? Next()
    {
        lock (_lock)
        {
            var next = _stop.IsCancellationRequested ? null : Parts.Find(p => p.Step == PartStep.Waiting)?.Part;
            _isFetching = next is not null;
            return next;
        }
    }

    private async Task FetchAsync()
    {
        var progress = terminal is null ? null : new PartSentences(terminal);
        while (Next() is { } part)
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            lock (_lock)
                _now = (part.Id, stop);
            try
            {
                if (part.Needs?.Select(id => Parts.Find(p => p.Part.Id == id)).FirstOrDefault(p => p?.Step == PartStep.Failed) is { Problem: { } cause } need)
                    throw new ModelUnavailableException($"{part.Name} needs {need.Part.Name}, which could not be had.", cause.Remedy, cause);
                await store.RequireAsync(part.Id, progress, stop.Token);
                // Another process may have brought it without a word here.
                Follow(new ModelProgress(part, PartStep.Ready, part.Size));
            }
            catch (ModelUnavailableException error)
            {
                Follow(new ModelProgress(part, PartStep.Failed, 0, error));
                terminal?.Report($"{error.Message} {error.Remedy}");
            }
            catch (OperationCanceledException) when (!_stop.IsCancellationRequested)
            {
                Follow(new ModelProgress(part, PartStep.Failed, 0, new ModelUnavailableException("It was paused; what has come stays.", "Retry goes on with it.")));
            }
            catch (OperationCanceledException)
            {
                // The console ends, and so does the loop.
            }
            finally
            {
                lock (_lock)
                    _now = null;
            }
        }
    }

    private void Follow(ModelProgress now)
    {
        ImmutableInterlocked.Update(ref _parts, static (parts, now) => [.. parts.Select(p => p.Part.Id == now.Part.Id ? now : p)], now);
        _rate.Note(Parts.Sum(p => p.Bytes));
        signal.Notify();
    }
}
