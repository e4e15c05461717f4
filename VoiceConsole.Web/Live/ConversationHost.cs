using System.Collections.Immutable;
using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Models;
using VoiceConsole.Web.Settings;

namespace VoiceConsole.Web.Live;

/// <summary>Holds the one conversation that the console has: starts and stops it, and keeps what went wrong. Thread-safe.</summary>
internal sealed partial class ConversationHost : IAsyncDisposable
{
    private const int MaxProgress = 6;

    private readonly IConversationFactory _factory;
    private readonly DashboardState _state;
    private readonly LiveSignal _signal;
    private readonly ILogger _log;
    private readonly ITimer _poll;
    private readonly SemaphoreSlim _oneAtATime = new(1, 1);
    private ConversationRequest _request, _asked;
    private CancellationTokenSource? _starting;
    private bool _isLent;
    private IConversation? _current;
    private ConversationState _lastState;
    private ImmutableList<string> _progress = [];
    private ImmutableDictionary<EngineKind, EngineChoice> _choices = ImmutableDictionary<EngineKind, EngineChoice>.Empty;
    private ImmutableDictionary<EngineKind, CancellationTokenSource> _loading = ImmutableDictionary<EngineKind, CancellationTokenSource>.Empty;

    public ConversationHost(IConversationFactory factory, ConversationRequest request, DashboardState state, LiveSignal signal, TimeProvider time, ILogger<ConversationHost> log)
    {
        _factory = factory;
        _request = _asked = request;
        _state = state;
        _signal = signal;
        _log = log;
        // States change without an event of their own.
        _poll = time.CreateTimer(_ => Poll(), null, LiveSignal.Reading, LiveSignal.Reading);
    }

    /// <summary>What the next conversation will use.</summary>
    public ConversationRequest Request => Volatile.Read(ref _request);

    /// <summary>The conversation that is going on, or null.</summary>
    public IConversation? Current => Volatile.Read(ref _current);

    /// <summary>Parts are being fetched and engines loaded.</summary>
    public bool IsStarting => Volatile.Read(ref _starting) is not null;

    /// <summary>The newest sentences about what is being prepared, oldest first.</summary>
    public ImmutableList<string> Progress => Volatile.Read(ref _progress);

    /// <summary>Why the last start failed or the last conversation ended; null when all is well.</summary>
    public LiveProblem? Problem { get; private set; }

    /// <summary>Called with each new conversation before it starts, so that storage misses no event. What it throws is shown and stops nothing.</summary>
    public Action<IConversation>? OnCreated { get; set; }

    /// <summary>Starts a conversation unless one is going on. Never throws: what goes wrong becomes <see cref="Problem"/>.</summary>
    public async Task StartAsync()
    {
        await _oneAtATime.WaitAsync();
        try
        {
            if (Current is not null)
                return;
            if (_isLent)
            {
                Problem = DevicesAreLent;
                return;
            }

            using var starting = new CancellationTokenSource();
            Volatile.Write(ref _starting, starting);
            Problem = null;
            Volatile.Write(ref _progress, []);
            _signal.Notify();
            await OpenAsync(starting.Token);
        }
        catch (OperationCanceledException)
        {
            // The user pressed Stop while parts were being fetched; what was fetched stays.
        }
        catch (Exception error)
        {
            Problem = Describe(error);
        }
        finally
        {
            Volatile.Write(ref _starting, null);
            _oneAtATime.Release();
            _signal.Notify();
        }
    }

    /// <summary>Ends the conversation, or gives up its start. Never throws.</summary>
    public async Task StopAsync()
    {
        try
        {
            Volatile.Read(ref _starting)?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The start has just ended by itself.
        }

        await _oneAtATime.WaitAsync();
        try
        {
            if (Current is { } conversation)
            {
                await conversation.StopAsync();
                await CloseAsync(conversation);
            }
        }
        catch (Exception error)
        {
            Problem = Describe(error);
        }
        finally
        {
            _oneAtATime.Release();
            _signal.Notify();
        }
    }

    /// <summary>The loudspeaker and the microphone are being used for something else than a conversation.</summary>
    public bool IsLent => Volatile.Read(ref _isLent);

    /// <summary>Lends the loudspeaker and the microphone: no conversation begins until the result is disposed of.</summary>
    /// <returns>Null when a conversation, or somebody else, has them.</returns>
    public async Task<IDisposable?> BorrowDevicesAsync()
    {
        await _oneAtATime.WaitAsync();
        try
        {
            if (Current is not null || IsLent)
                return null;
            Volatile.Write(ref _isLent, true);
        }
        finally
        {
            _oneAtATime.Release();
        }

        _signal.Notify();
        return new Loan(this);
    }

    /// <summary>The newest choice of each kind that was made since the console started.</summary>
    public ImmutableDictionary<EngineKind, EngineChoice> Choices => Volatile.Read(ref _choices);

    /// <summary>
    /// Has another engine serve: in the conversation that is going on, from its next turn on, and in those to come. Never throws: how
    /// it went is in <see cref="Choices"/>, and what fails changes nothing.
    /// </summary>
    public async Task ChooseAsync(EngineKind kind, string? id, bool freeFirst)
    {
        if (Choices.GetValueOrDefault(kind) is { IsLoading: true })
            return;
        using var loading = new CancellationTokenSource();
        if (!ImmutableInterlocked.TryAdd(ref _loading, kind, loading))
            return;
        var before = Choices.GetValueOrDefault(kind);
        Note(new EngineChoice(kind, id, IsLoading: true, null));
        try
        {
            if (Current is { } conversation)
                await conversation.SwapAsync(kind, id, freeFirst, loading.Token);
            Volatile.Write(ref _request, kind switch
            {
                EngineKind.Recognizer => Request with { Recognizer = id },
                EngineKind.LanguageModel => Request with { LanguageModel = id },
                _ => Request with { Voice = id },
            });
            Note(new EngineChoice(kind, id, IsLoading: false, Remember(kind, id)));
        }
        catch (OperationCanceledException) when (loading.IsCancellationRequested)
        {
            ImmutableInterlocked.Update(ref _choices, static (all, made) => made.Before is null ? all.Remove(made.Kind) : all.SetItem(made.Kind, made.Before), (Kind: kind, Before: before));
        }
        catch (Exception error)
        {
            Note(new EngineChoice(kind, id, IsLoading: false, error is ModelUnavailableException part
                ? new LiveProblem(part.Message, part.Remedy)
                : new LiveProblem(error.Message, "The old one serves on: choose another.")));
        }
        finally
        {
            ImmutableInterlocked.TryRemove(ref _loading, kind, out _);
            _signal.Notify();
        }

        void Note(EngineChoice choice)
        {
            ImmutableInterlocked.Update(ref _choices, static (all, made) => all.SetItem(made.Kind, made), choice);
            _signal.Notify();
        }
    }

    private LiveProblem? Remember(EngineKind kind, string? id)
    {
        try
        {
            OnChosen?.Invoke(kind, id);
            return null;
        }
        catch (SettingsException error)
        {
            return new LiveProblem("It serves, but the next start will not know of it.", error.Message);
        }
    }

    /// <summary>Gives up what is being loaded; the old engine serves on.</summary>
    public void CancelChoice(EngineKind kind)
    {
        try
        {
            _loading.GetValueOrDefault(kind)?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has just been loaded.
        }
    }

    /// <summary>Called with each engine that was chosen and serves, to be kept for the next start.</summary>
    public Action<EngineKind, string?>? OnChosen { get; set; }

    /// <summary>Has the conversations to come use these; engines that were chosen on a page stay chosen where this asks for the same as before.</summary>
    public void Use(ConversationRequest request)
    {
        var (now, before) = (Request, _asked);
        _asked = request;
        Volatile.Write(ref _request, request with
        {
            Recognizer = request.Recognizer == before.Recognizer ? now.Recognizer : request.Recognizer,
            LanguageModel = request.LanguageModel == before.LanguageModel ? now.LanguageModel : request.LanguageModel,
            Voice = request.Voice == before.Voice ? now.Voice : request.Voice,
            FallbackModel = now.FallbackModel,
        });
        _signal.Notify();
    }

    public void Dismiss()
    {
        Problem = null;
        _signal.Notify();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _poll.DisposeAsync();
        _oneAtATime.Dispose();
    }

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        var conversation = await _factory.CreateAsync(Request, new Sentences(this), cancellationToken);
        try
        {
            _state.Follow(conversation.Events);
            if (OnCreated is { } attach)
            {
                try
                {
                    attach(conversation);
                }
                catch (Exception error)
                {
                    Problem = new LiveProblem($"This conversation is not being stored: {error.Message}", "See that the data folder can be written to, then stop and start again.");
                }
            }

            conversation.Start();
            Volatile.Write(ref _current, conversation);
            _ = WatchAsync(conversation);
        }
        catch
        {
            await conversation.DisposeAsync();
            throw;
        }
    }

    // A conversation can end by itself: its recording is over, or its device is gone for good.
    private async Task WatchAsync(IConversation conversation)
    {
        try
        {
            await conversation.Completion;
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
        catch (Exception error)
        {
            Problem = Describe(error);
        }

        await CloseAsync(conversation);
        _signal.Notify();
    }

    private async Task CloseAsync(IConversation conversation)
    {
        if (Interlocked.CompareExchange(ref _current, null, conversation) != conversation)
            return;
        try
        {
            await conversation.DisposeAsync();
        }
        catch (Exception error)
        {
            Problem ??= Describe(error);
        }
    }

    private void Poll()
    {
        var state = Current?.State ?? ConversationState.Ended;
        if (state == _lastState)
            return;
        _lastState = state;
        _signal.Notify();
    }

    private static LiveProblem DevicesAreLent => new("The self-test has the loudspeaker and the microphone.", "Wait until it is over, or cancel it on the Echo page.");

    private LiveProblem Describe(Exception error)
    {
        switch (error)
        {
            case ModelUnavailableException part:
                return new LiveProblem(part.Message, part.Remedy);
            case AudioDeviceException:
                return new LiveProblem(error.Message, "");
            case ArgumentException:
                return new LiveProblem(error.Message, "Correct the switches the console was started with.");
            case InvalidDataException:
                return new LiveProblem(error.Message, "Choose another file, or fetch it again.");
            default:
                ConversationFailed(_log, error);
                return new LiveProblem(error.Message, "Start again; if it fails again, the console's log on its terminal says more.");
        }
    }

    [LoggerMessage(LogLevel.Error, "The conversation could not be started, or ended with an error.")]
    private static partial void ConversationFailed(ILogger log, Exception error);

    private sealed class Loan(ConversationHost host) : IDisposable
    {
        public void Dispose()
        {
            Volatile.Write(ref host._isLent, false);
            host._signal.Notify();
        }
    }

    // Progress<T> would post each sentence to the pool, where they overtake each other.
    private sealed class Sentences(ConversationHost host) : IProgress<string>
    {
        public void Report(string value)
        {
            ImmutableInterlocked.Update(ref host._progress, (list, sentence) => (list.Count >= MaxProgress ? list.RemoveAt(0) : list).Add(sentence), value);
            host._signal.Notify();
        }
    }
}
