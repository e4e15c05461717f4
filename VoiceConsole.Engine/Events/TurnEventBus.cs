using System.Threading.Channels;

namespace VoiceConsole.Engine.Events;

/// <summary>Hands every event to every subscriber. No subscriber can slow the publisher.</summary>
/// <remarks>Thread-safe. Subscribers see events in the order of publication.</remarks>
public sealed class TurnEventBus
{
    private readonly Lock _lock = new();
    private EventSubscription[] _subscriptions = [];

    public void Publish(TurnEvent turnEvent)
    {
        ArgumentNullException.ThrowIfNull(turnEvent);
        foreach (var subscription in Volatile.Read(ref _subscriptions))
            subscription.Offer(turnEvent);
    }

    /// <summary>A subscriber that loses nothing: its queue grows as long as it lags. For storage.</summary>
    public EventSubscription SubscribeLossless() => Add(capacity: null);

    /// <summary>A subscriber that loses the oldest events when it lags, and counts them. For the dashboard.</summary>
    public EventSubscription SubscribeLatest(int capacity) => Add(capacity);

    private EventSubscription Add(int? capacity)
    {
        var subscription = new EventSubscription(this, capacity);
        lock (_lock)
            Volatile.Write(ref _subscriptions, [.. _subscriptions, subscription]);
        return subscription;
    }

    internal void Remove(EventSubscription subscription)
    {
        lock (_lock)
            Volatile.Write(ref _subscriptions, [.. _subscriptions.Where(s => s != subscription)]);
    }
}

/// <summary>One subscriber's queue. Disposing it ends the reader after what is queued.</summary>
public sealed class EventSubscription : IDisposable
{
    private readonly TurnEventBus _bus;
    private readonly Channel<TurnEvent> _channel;
    private long _dropped;

    internal EventSubscription(TurnEventBus bus, int? capacity)
    {
        _bus = bus;
        _channel = capacity is { } bound
            ? Channel.CreateBounded<TurnEvent>(
                new BoundedChannelOptions(bound) { FullMode = BoundedChannelFullMode.DropOldest }, _ => Interlocked.Increment(ref _dropped))
            : Channel.CreateUnbounded<TurnEvent>();
    }

    public ChannelReader<TurnEvent> Reader => _channel.Reader;

    /// <summary>Events lost because the subscriber lagged.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    internal void Offer(TurnEvent turnEvent) => _channel.Writer.TryWrite(turnEvent);

    public void Dispose()
    {
        _bus.Remove(this);
        _channel.Writer.TryComplete();
    }
}
