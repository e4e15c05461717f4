namespace VoiceConsole.Engine.Models;

/// <summary>
/// The place of an engine that can be replaced while it is in use: whoever uses it takes a lease, the newest engine serves every
/// lease taken from then on, and a replaced one is freed when its last lease has been given back. Thread-safe.
/// </summary>
/// <param name="engine">The first to serve.</param>
public sealed class ModelSlot<T>(T engine) where T : class, IAsyncDisposable
{
    private readonly Lock _lock = new();
    private Seat _seat = new(engine);

    /// <summary>Who serves now; to look at, not to use.</summary>
    public T Current => Volatile.Read(ref _seat).Engine;

    /// <summary>The engine that serves now, for as long as the lease is held.</summary>
    public Lease Take()
    {
        lock (_lock)
        {
            _seat.Leases++;
            return new Lease(this, _seat);
        }
    }

    /// <summary>Has <paramref name="next"/> serve from the next lease on.</summary>
    /// <returns>Ends when the old engine has been given back by everybody and freed.</returns>
    public async Task SwapAsync(T next)
    {
        Seat old;
        lock (_lock)
        {
            old = _seat;
            Volatile.Write(ref _seat, new Seat(next));
            old.IsReplaced = true;
            old.EndIfDrained();
        }

        await old.Drained.Task;
        await old.Engine.DisposeAsync();
    }

    /// <summary>The right to use one engine.</summary>
    public sealed class Lease : IDisposable
    {
        private readonly ModelSlot<T> _slot;
        private readonly Seat _seat;
        private bool _isBack;

        internal Lease(ModelSlot<T> slot, Seat seat) => (_slot, _seat) = (slot, seat);

        public T Engine => _seat.Engine;

        public void Dispose()
        {
            lock (_slot._lock)
            {
                if (_isBack)
                    return;
                _isBack = true;
                _seat.Leases--;
                _seat.EndIfDrained();
            }
        }
    }

    internal sealed class Seat(T engine)
    {
        public T Engine { get; } = engine;

        public int Leases { get; set; }

        public bool IsReplaced { get; set; }

        public TaskCompletionSource Drained { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void EndIfDrained()
        {
            if (IsReplaced && Leases == 0)
                Drained.TrySetResult();
        }
    }
}
