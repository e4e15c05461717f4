using System.Collections.Immutable;
using VoiceConsole.Engine.Models;

namespace VoiceConsole.Web.Live;

/// <summary>How far a part is that somebody fetches.</summary>
/// <param name="Now">The newest of it.</param>
/// <param name="IsPaused">Broken off; what has come stays and is taken up again.</param>
/// <param name="Left">Until it is there, at the speed of the last seconds; null where that is not known.</param>
public sealed record PartFetch(ModelProgress Now, bool IsPaused = false, TimeSpan? Left = null);

/// <summary>
/// Fetches parts that people ask for on a page, and goes on whether the page is open or not. Follows what others fetch, too.
/// Thread-safe.
/// </summary>
internal sealed class PartFetches : IAsyncDisposable
{
    private readonly ModelStore _store;
    private readonly LiveSignal _signal;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Running> _running = [];
    private ImmutableDictionary<string, PartFetch> _all = ImmutableDictionary<string, PartFetch>.Empty;

    public PartFetches(ModelStore store, LiveSignal signal, TimeProvider time)
    {
        (_store, _signal, _time) = (store, signal, time);
        store.Progressed += Follow;
    }

    /// <summary>By the part's id; null for one that nobody has fetched since the console started.</summary>
    public PartFetch? Of(string id) => Volatile.Read(ref _all).GetValueOrDefault(id);

    /// <summary>Somebody asked for it here, and it is not there yet.</summary>
    public bool IsRunning(string id)
    {
        lock (_lock)
            return _running.ContainsKey(id);
    }

    /// <summary>Begins, or goes on with, a part and all it needs.</summary>
    /// <param name="part">It. Who asks for one whose hash is not known has been told so.</param>
    /// <param name="then">What follows when it has come.</param>
    public void Start(CatalogPart part, Func<Task>? then = null)
    {
        lock (_lock)
        {
            if (_running.ContainsKey(part.Id))
                return;
            Note(part.Id, new PartFetch(new ModelProgress(part, PartStep.Waiting, 0)));
            var running = _running[part.Id] = new Running(new CancellationTokenSource(), new TransferRate(_time));
            running.Work = Task.Run(() => FetchAsync(part, running, then));
        }
    }

    /// <summary>Breaks off; what has come stays for the next <see cref="Start"/>.</summary>
    public void Pause(string id) => Stop(id, forget: false);

    /// <summary>Breaks off, or gives up what was paused, and takes away what has come of it.</summary>
    public void Cancel(CatalogPart part)
    {
        if (Stop(part.Id, forget: true))
            return;
        Discard(part);
    }

    public async ValueTask DisposeAsync()
    {
        _store.Progressed -= Follow;
        Task[] all;
        lock (_lock)
        {
            foreach (var running in _running.Values)
                running.Stop.Cancel();
            all = [.. _running.Values.Select(r => r.Work)];
        }

        await Task.WhenAll(all);
    }

    private bool Stop(string id, bool forget)
    {
        lock (_lock)
        {
            if (!_running.TryGetValue(id, out var running))
                return false;
            running.Forget |= forget;
            running.Stop.Cancel();
            return true;
        }
    }

    private async Task FetchAsync(CatalogPart part, Running running, Func<Task>? then)
    {
        PartFetch? brokenOff = null;
        try
        {
            await _store.RequireAsync(part.Id, null, running.Stop.Token, unverified: true);
            // Another process may have brought it without a word here.
            Note(part.Id, new PartFetch(new ModelProgress(part, PartStep.Ready, part.Size)));
            await (then?.Invoke() ?? Task.CompletedTask);
        }
        catch (ModelUnavailableException error)
        {
            // Of a part that it needs, perhaps.
            brokenOff = new PartFetch(new ModelProgress(part, PartStep.Failed, 0, error));
        }
        catch (OperationCanceledException) when (!running.Forget)
        {
            brokenOff = new PartFetch(new ModelProgress(part, PartStep.Waiting, _store.BytesOf(part)), IsPaused: true);
        }
        catch (OperationCanceledException)
        {
            Discard(part);
        }
        finally
        {
            lock (_lock)
            {
                _running.Remove(part.Id);
                running.Stop.Dispose();
            }

            // Told when it can be begun again, and not before: whoever sees it may click at once.
            if (brokenOff is not null)
                Note(part.Id, brokenOff);
            _signal.Notify();
        }
    }

    private void Discard(CatalogPart part)
    {
        try
        {
            _store.Discard(part.Id);
            ImmutableInterlocked.TryRemove(ref _all, part.Id, out _);
            _signal.Notify();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Note(part.Id, new PartFetch(new ModelProgress(part, PartStep.Failed, 0, new ModelUnavailableException($"What has come of {part.Name} could not be taken away: {error.Message}", $"Delete .fetch-{part.Id} in models/ yourself.", error))));
        }
    }

    private void Follow(ModelProgress now)
    {
        TransferRate? rate;
        lock (_lock)
            rate = _running.GetValueOrDefault(now.Part.Id)?.Rate;
        rate?.Note(now.Bytes);
        Note(now.Part.Id, new PartFetch(now, Left: now.Step == PartStep.Fetching ? rate?.Left(now.Part.Size - now.Bytes) : null));
    }

    private void Note(string id, PartFetch fetch)
    {
        ImmutableInterlocked.Update(ref _all, static (all, noted) => all.SetItem(noted.Id, noted.Fetch), (Id: id, Fetch: fetch));
        _signal.Notify();
    }

    private sealed record Running(CancellationTokenSource Stop, TransferRate Rate)
    {
        public Task Work { get; set; } = Task.CompletedTask;

        /// <summary>What has come is to be taken away.</summary>
        public bool Forget { get; set; }
    }
}
