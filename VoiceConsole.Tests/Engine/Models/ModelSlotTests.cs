using CsCheck;
using VoiceConsole.Engine.Models;

namespace VoiceConsole.Tests.Engine.Models;

public class ModelSlotTests
{
    [Fact]
    public void AnyOrderOfLeasesAndSwaps_FreesExactlyTheEnginesThatNobodyCanUse() =>
        Gen.Int[0, 9].Array[0, 60].Sample(steps =>
        {
            List<Engine> engines = [new()];
            var slot = new ModelSlot<Engine>(engines[0]);
            List<ModelSlot<Engine>.Lease> leases = [];
            List<Task> swaps = [];
            foreach (var step in steps)
            {
                if (step < 4)
                {
                    leases.Add(slot.Take());
                    Assert.Same(engines[^1], leases[^1].Engine);
                }
                else if (step < 7 && leases.Count > 0)
                {
                    var lease = leases[step % leases.Count];
                    lease.Dispose();
                    // Once more does nothing.
                    lease.Dispose();
                    leases.Remove(lease);
                }
                else
                {
                    engines.Add(new Engine());
                    swaps.Add(slot.SwapAsync(engines[^1]));
                }

                Assert.All(leases, l => Assert.Equal(0, l.Engine.Freed));
                Assert.Equal(0, slot.Current?.Freed);
            }

            leases.ForEach(l => l.Dispose());
            Task.WhenAll(swaps).GetAwaiter().GetResult();
            Assert.All(engines.SkipLast(1), e => Assert.Equal(1, e.Freed));
            Assert.Equal(0, engines[^1].Freed);
        });

    private sealed class Engine : IAsyncDisposable
    {
        private int _freed;

        public int Freed => Volatile.Read(ref _freed);

        public ValueTask DisposeAsync()
        {
            Interlocked.Increment(ref _freed);
            return ValueTask.CompletedTask;
        }
    }
}
