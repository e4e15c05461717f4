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

    /// <summary>Who serves now; to look at, not to use. Null while the slot is vacant.</summary>
    public T? Current => Volatile.Read(ref _seat).Engine;

    /// <summary>The engine that serves now, for as long as the lease is held. Of a vacant slot the lease is empty until <see cref="Lease.ReadyAsync"/>.</summary>
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
    public Task SwapAsync(T next) => SeatAsync(new Seat(next));

    /// <summary>Has nobody serve until the next <see cref="SwapAsync"/>: leases taken meanwhile wait for it.</summary>
    /// <returns>Ends when the old engine has been given back by everybody and freed.</returns>
    public Task VacateAsync() => SeatAsync(new Seat(null));

    private async Task SeatAsync(Seat next)
    {
        Seat old;
        lock (_lock)
        {
            old = _seat;
            Volatile.Write(ref _seat, next);
            old.IsReplaced = true;
            old.EndIfDrained();
        }

        old.Followed.TrySetResult();
        await old.Drained.Task;
        if (old.Engine is { } engine)
            await engine.DisposeAsync();
    }

    /// <summary>The right to use one engine.</summary>
    public sealed class Lease : IDisposable
    {
        private readonly ModelSlot<T> _slot;
        private Seat _seat;
        private bool _isBack;

        internal Lease(ModelSlot<T> slot, Seat seat) => (_slot, _seat) = (slot, seat);

        public bool IsEmpty => _seat.Engine is null;

        /// <exception cref="InvalidOperationException">The slot was vacant, and nobody has waited.</exception>
        public T Engine => _seat.Engine ?? throw new InvalidOperationException("No engine is there yet: wait until the lease is ready.");

        /// <summary>Waits, where the slot was vacant, for the engine that came next.</summary>
        /// <exception cref="OperationCanceledException">Cancelled by the token.</exception>
        public async ValueTask<T> ReadyAsync(CancellationToken cancellationToken)
        {
            while (IsEmpty)
            {
                await _seat.Followed.Task.WaitAsync(cancellationToken);
                lock (_slot._lock)
                {
                    ObjectDisposedException.ThrowIf(_isBack, this);
                    Leave();
                    _seat = _slot._seat;
                    _seat.Leases++;
                }
            }

            return Engine;
        }

        public void Dispose()
        {
            lock (_slot._lock)
            {
                if (_isBack)
                    return;
                _isBack = true;
                Leave();
            }
        }

        private void Leave()
        {
            _seat.Leases--;
            _seat.EndIfDrained();
        }
    }

    internal sealed class Seat(T? engine)
    {
        public T? Engine { get; } = engine;

        public int Leases { get; set; }

        public bool IsReplaced { get; set; }

        public TaskCompletionSource Drained { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Whoever waits is back on his own loop before the swap goes on: virtual time stands until then.</summary>
        public TaskCompletionSource Followed { get; } = new();

        public void EndIfDrained()
        {
            if (IsReplaced && Leases == 0)
                Drained.TrySetResult();
        }
    }
}
