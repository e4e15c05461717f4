using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Events;
using VoiceConsole.Engine.Models;

namespace VoiceConsole.Engine.Conversation;

/// <summary>A conversation with all it holds: its loop and thread, its device, its engines and its recording.</summary>
public sealed class ConversationSession : IConversation
{
    private readonly EventLoop _loop;
    private readonly IAudioDevice _device;
    private readonly VoicePipeline _pipeline;
    private readonly TrackRecorder? _recorder;
    private readonly Func<ValueTask> _disposeEngines;
    private readonly ConversationStarted _started;
    private readonly TaskCompletionSource<string> _stop = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _over = new();
    private readonly ConversationOptions _options;
    private ModelSwitcher? _switcher;
    private Task _swapping = Task.CompletedTask;
    private int _state;

    /// <param name="loop">The conversation's own loop; disposed of with it.</param>
    /// <param name="device">Not started yet; disposed of with the conversation.</param>
    /// <param name="engines">What it works with.</param>
    /// <param name="options">How it is held.</param>
    /// <param name="started">The first event, which names them all.</param>
    /// <param name="recorder">Where the tracks go, or null.</param>
    /// <param name="disposeEngines">Frees the engines after the end.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public ConversationSession(
        EventLoop loop, IAudioDevice device, ConversationEngines engines, ConversationOptions options,
        ConversationStarted started, TrackRecorder? recorder, Func<ValueTask> disposeEngines)
    {
        ArgumentNullException.ThrowIfNull(started);
        ArgumentNullException.ThrowIfNull(options);
        _loop = loop;
        _device = device;
        _started = started;
        _options = options;
        _recorder = recorder;
        _disposeEngines = disposeEngines;
        _pipeline = new VoicePipeline(loop, device, engines, options, Events, recorder)
        {
            Ended = () => _stop.TrySetResult("the recording ended"),
            Failed = error => _stop.TrySetException(error),
        };
    }

    public Guid Id => _started.Conversation;

    public TurnEventBus Events { get; } = new();

    public IRoomUser? RoomUser { get; init; }

    /// <summary>Makes engines in mid-conversation; without one they stay as they are.</summary>
    public IEngineSource? Source
    {
        init => _switcher = value is null ? null : new ModelSwitcher(value, _pipeline.Slots, _options.Language, Announce, Hold, _over.Token);
    }

    public string? Recording => _recorder?.Folder;

    public ConversationState State => Volatile.Read(ref _state) switch
    {
        0 => ConversationState.Starting,
        1 => _pipeline.Turns.State,
        _ => ConversationState.Ended,
    };

    public MeterReading Meters => _pipeline.Meters;

    public bool Muted { get => _pipeline.Muted; set => _pipeline.Muted = value; }

    public bool IsHalfDuplex => _pipeline.Turns.Breaker.IsOpen;

    public Task Completion => _done.Task;

    /// <summary>The loop, for whoever plays a scripted user in a simulated room.</summary>
    internal EventLoop Loop => _loop;

    internal SampleClock Clock => _device.Clock;

    internal AudioDeviceStatus DeviceStatus => _device.Status;

    internal VoicePipeline Pipeline => _pipeline;

    public void Start()
    {
        if (Interlocked.CompareExchange(ref _state, 1, 0) != 0)
            throw new InvalidOperationException("A conversation starts once.");
        Events.Publish(_started);
        try
        {
            _pipeline.Start();
        }
        catch
        {
            CleanUpUnstarted();
            throw;
        }

        _ = FinishAsync(_loop.RunOnThread("conversation", MainAsync));
    }

    public void Say(string text)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        if (text.Length > ConversationOptions.MaxTypedCharacters)
            throw new ArgumentException($"The text has {text.Length:N0} characters; at most {ConversationOptions.MaxTypedCharacters:N0} can be sent at once. Send it in parts.", nameof(text));
        _loop.Post(_ => _pipeline.Turns.Say(text.Trim()), null);
    }

    public void Interrupt() => _loop.Post(_ => _pipeline.Turns.Interrupt("button"), null);

    public Task SwapAsync(EngineKind kind, string? id, bool freeFirst, CancellationToken cancellationToken)
    {
        if (_switcher is not { } switcher)
            throw new InvalidOperationException("The engines of this conversation cannot be changed.");
        lock (_over)
        {
            if (Volatile.Read(ref _state) != 1 || _over.IsCancellationRequested)
                throw new InvalidOperationException("The conversation has ended or not yet begun. Choose the engine for the next one.");
            var swap = SwapAsync(switcher, kind, id, freeFirst, cancellationToken);
            _swapping = Task.WhenAll(_swapping.ContinueWith(_ => { }, TaskScheduler.Default), swap);
            return swap;
        }
    }

    public void EndHalfDuplex() => _loop.Post(_ => _pipeline.Turns.EndHalfDuplex(), null);

    public async Task<EchoReading?> ReadEchoAsync()
    {
        if (Volatile.Read(ref _state) != 1)
            return null;
        var reading = new TaskCompletionSource<EchoReading?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _loop.Post(_ => reading.TrySetResult(_pipeline.ReadEcho()), null);
        // A loop that ends meanwhile answers nobody.
        await Task.WhenAny(reading.Task, Completion);
        return reading.Task.IsCompleted ? await reading.Task : null;
    }

    public Task StopAsync()
    {
        if (Interlocked.CompareExchange(ref _state, 2, 0) == 0)
            CleanUpUnstarted();
        _stop.TrySetResult("stopped");
        return Completion;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await StopAsync();
        }
        catch (Exception)
        {
            // Completion has told it to whoever asked; disposing is not the place to hear of it first.
        }
    }

    private async Task SwapAsync(ModelSwitcher switcher, EngineKind kind, string? id, bool freeFirst, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _over.Token);
        await switcher.SwapAsync(kind, id, freeFirst, either.Token);
    }

    private WakingHold? Hold() => _loop.Time is VirtualTime time ? new WakingHold(time.Hold(), _loop) : null;

    // Events of the conversation are published in its order.
    private void Announce(Func<long, TurnEvent> make) => _loop.Post(_ => Events.Publish(make(_pipeline.Turns.Now)), null);

    private async Task MainAsync()
    {
        string reason;
        Exception? fault = null;
        try
        {
            reason = await _stop.Task;
        }
        catch (Exception error)
        {
            fault = error;
            reason = $"error: {error.Message}";
        }

        _pipeline.Turns.Interrupt("button");
        // A stopped turn ends with the next frame; a device that brings none must not keep the conversation open.
        await _pipeline.Turns.Idle.WaitAsync(TimeSpan.FromSeconds(1), _loop.Time)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        _pipeline.Turns.Close();
        _over.Cancel();
        await _swapping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        await CleanUpAsync();
        // Its last part may have been refused.
        _pipeline.ReportRecorder();
        Volatile.Write(ref _state, 2);
        Events.Publish(new ConversationEnded(_pipeline.Turns.Now, reason));
        if (fault is not null)
            throw new InvalidOperationException($"The conversation ended with an error: {fault.Message}", fault);
    }

    // On the loop: the recorder's last writes are work of the loop, too.
    private async Task CleanUpAsync()
    {
        await _device.DisposeAsync();
        _recorder?.Complete();
    }

    private void CleanUpUnstarted()
    {
        Volatile.Write(ref _state, 2);
        _loop.Run(CleanUpAsync);
        Events.Publish(new ConversationEnded(0, "it could not start"));
        _ = FinishAsync(Task.CompletedTask);
    }

    // Something threw on the loop itself, and MainAsync will not go on: what it does last is done here.
    private void Abandon(Exception? error)
    {
        _over.Cancel();
        _loop.OnWake = null;
        try
        {
            _loop.Run(CleanUpAsync);
        }
        catch (Exception)
        {
            // What came first is told.
        }

        Volatile.Write(ref _state, 2);
        Events.Publish(new ConversationEnded(_pipeline.Turns.Now, $"error: {error?.Message}"));
    }

    private sealed class WakingHold(IDisposable hold, EventLoop loop) : IDisposable
    {
        public void Dispose()
        {
            hold.Dispose();
            loop.Wake();
        }
    }

    private async Task FinishAsync(Task loop)
    {
        // Not on the context of whoever started it, which may be gone by then.
        await loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        var error = loop.Exception?.InnerException;
        if (Volatile.Read(ref _state) != 2)
            Abandon(error);
        _loop.Retire();
        try
        {
            _switcher?.Dispose();
            _pipeline.Dispose();
            await _pipeline.Slots.FreeAsync();
            await _disposeEngines();
        }
        catch (Exception fault)
        {
            error ??= fault;
        }

        _loop.Dispose();
        if (error is null)
            _done.TrySetResult();
        else
            _done.TrySetException(error);
    }
}
