using Microsoft.Extensions.Time.Testing;
using VoiceConsole.Web.Live;

namespace VoiceConsole.Tests.Web;

public sealed class LiveSignalTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly LiveSignal _signal;
    private int _raised;

    public LiveSignalTests()
    {
        _signal = new LiveSignal(_time);
        _signal.Changed += () => _raised++;
    }

    public void Dispose() => _signal.Dispose();

    [Fact]
    public void FirstNotify_RaisesAtOnce()
    {
        _signal.Notify();
        _time.Advance(TimeSpan.Zero);

        Assert.Equal(1, _raised);
    }

    [Fact]
    public void PageThatIsGone_StillLoading_FindsItsLoadCancelled()
    {
        var page = new Refreshing();
        page.Dispose();
        Assert.True(page.Token.IsCancellationRequested);
    }

    [Fact]
    public void AThousandInOneInterval_RaiseOnceMoreAtItsEnd_SoThatTheLastIsSeen()
    {
        _signal.Notify();
        _time.Advance(TimeSpan.Zero);
        for (var i = 0; i < 1000; i++)
            _signal.Notify();
        _time.Advance(LiveSignal.Interval - TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, _raised);

        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(2, _raised);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(2, _raised);
    }

    [Fact]
    public void NotifiedAllTheTime_RaisesOnceAnInterval()
    {
        for (var ms = 0; ms < 10_000; ms++)
        {
            _signal.Notify();
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.InRange(_raised, 166, 168);
    }

    [Fact]
    public void NotifiedFromItsOwnHandler_RaisesAgainAnIntervalLater()
    {
        _signal.Changed += NotifyOnce;
        _signal.Notify();
        _time.Advance(TimeSpan.Zero);
        Assert.Equal(1, _raised);

        _time.Advance(LiveSignal.Interval);
        Assert.Equal(2, _raised);

        void NotifyOnce()
        {
            _signal.Changed -= NotifyOnce;
            _signal.Notify();
        }
    }

    private sealed class Refreshing : RefreshingComponentBase
    {
        public CancellationToken Token => Gone;

        protected override Task RefreshAsync() => Task.CompletedTask;
    }
}
