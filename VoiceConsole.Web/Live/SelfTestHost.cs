using VoiceConsole.Engine;
using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Echo.SelfTest;
using VoiceConsole.Engine.Models;

namespace VoiceConsole.Web.Live;

/// <summary>
/// The one echo self-test that the console runs at a time, whichever page asked for it; a page that is loaded again finds it, and
/// its result, where they were. Thread-safe.
/// </summary>
internal sealed class SelfTestHost(ConversationHost host, ModelStore store, LiveSignal signal) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private CancellationTokenSource? _running;
    private Task _run = Task.CompletedTask;
    private double _progress;

    /// <summary>It plays, or is about to.</summary>
    public bool IsRunning => Volatile.Read(ref _running) is not null;

    /// <summary>0 to 1.</summary>
    public double Progress => Volatile.Read(ref _progress);

    /// <summary>Of the last one that came to its end; null while there is none.</summary>
    public SelfTestResult? Result { get; private set; }

    /// <summary>Why the last one did not; null when it did or was cancelled.</summary>
    public LiveProblem? Problem { get; private set; }

    /// <summary>Begins one unless one is running.</summary>
    public void Start()
    {
        lock (_lock)
        {
            if (IsRunning)
                return;
            (Problem, Result) = (null, null);
            Volatile.Write(ref _progress, 0);
            var running = new CancellationTokenSource();
            Volatile.Write(ref _running, running);
            _run = Task.Run(() => RunAsync(running), CancellationToken.None);
        }

        signal.Notify();
    }

    public void Cancel()
    {
        lock (_lock)
            _running?.Cancel();
    }

    public async ValueTask DisposeAsync()
    {
        Cancel();
        await _run;
    }

    private async Task RunAsync(CancellationTokenSource running)
    {
        try
        {
            using var devices = await host.BorrowDevicesAsync();
            if (devices is null)
                Problem = new LiveProblem("A conversation has the loudspeaker and the microphone.", "Stop it on the Live page first.");
            else
                Result = await SelfTestRun.RunAsync(new EngineLoader(store, TaskScheduler.Default), host.Request, host.Request.Canceller, new Steps(this), running.Token);
        }
        catch (OperationCanceledException)
        {
            // Asked for.
        }
        catch (ModelUnavailableException error)
        {
            Problem = new LiveProblem(error.Message, error.Remedy);
        }
        catch (Exception error) when (error is AudioDeviceException or IOException or InvalidOperationException or DllNotFoundException)
        {
            Problem = new LiveProblem(error.Message, "");
        }
        finally
        {
            lock (_lock)
            {
                Volatile.Write(ref _running, null);
                running.Dispose();
            }

            signal.Notify();
        }
    }

    private void Tell() => signal.Notify();

    // From the test's thread; a page needs no more than a hundred of them.
    private sealed class Steps(SelfTestHost test) : IProgress<double>
    {
        public void Report(double value)
        {
            if (value - test.Progress < 0.01)
                return;
            Volatile.Write(ref test._progress, value);
            test.Tell();
        }
    }
}
