using System.Diagnostics;
using System.Runtime.ExceptionServices;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Engine.Language;
using VoiceConsole.Engine.Speech;

namespace VoiceConsole.Engine.Models;

/// <summary>
/// Replaces an engine while the conversation goes on: load, try out, swap, and free the old one when the turns that began with it
/// are over. Whatever fails before the swap leaves the old one serving. One swap at a time; thread-safe.
/// </summary>
/// <param name="source">Makes the engines.</param>
/// <param name="slots">Where they serve.</param>
/// <param name="language">Of the conversation: a voice is tried out in it.</param>
/// <param name="publish">Takes the event that says how it went, made from its position.</param>
internal sealed class ModelSwitcher(IEngineSource source, EngineSlots slots, string language, Action<Func<long, TurnEvent>> publish) : IDisposable
{
    // An engine that cannot say a word in this time is of no use in a conversation.
    private static readonly TimeSpan s_tryOut = TimeSpan.FromSeconds(60);

    private readonly SemaphoreSlim _one = new(1, 1);

    /// <summary>The swap has been made when this completes; the old engine may still be at work on a turn.</summary>
    /// <param name="kind">Which of the three.</param>
    /// <param name="id">As <see cref="IEngineSource"/> takes it.</param>
    /// <param name="cancellationToken">Gives up before the swap.</param>
    /// <exception cref="ModelUnavailableException">It cannot be had, or was tried out in vain; the old one serves on.</exception>
    /// <exception cref="InvalidDataException">Its file is damaged or of another kind; the old one serves on.</exception>
    /// <exception cref="ArgumentException">There is no such engine.</exception>
    public Task SwapAsync(EngineKind kind, string? id, CancellationToken cancellationToken) => kind switch
    {
        EngineKind.Recognizer => SwapAsync(kind, id, slots.Recognizer, source.RecognizerAsync, HearAsync, e => e.Id, cancellationToken),
        EngineKind.LanguageModel => SwapAsync(kind, id, slots.Language, source.LanguageAsync, (e, stop) => e.TryOutAsync(stop), e => e.Name, cancellationToken),
        _ => SwapAsync(kind, id, slots.Voice, source.VoiceAsync, SpeakAsync, e => e.Id, cancellationToken),
    };

    /// <summary>
    /// As <see cref="SwapAsync(EngineKind, string?, CancellationToken)"/> for the language model, where memory does not hold two: the
    /// old one is freed before, turns that begin meanwhile wait, and if the new one cannot be had the old one is loaded again.
    /// </summary>
    public async Task ReplaceModelAsync(string? id, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            var old = slots.Language.Current;
            var pending = new PendingModel();
            // From here on the old one is on its way out: giving up would leave nobody to answer.
            await slots.Language.SwapAsync(source.Language(pending, $"{id ?? "the default"}, loading"));
            Exception? failure = null;
            LanguageEngine next;
            var started = Stopwatch.GetTimestamp();
            try
            {
                next = await LoadAsync(id, cancellationToken);
            }
            catch (Exception error)
            {
                failure = error;
                next = await AgainAsync(old, error);
            }

            _ = slots.Language.SwapAsync(next);
            pending.Come(next.Model);
            publish(position => failure is null
                ? new EngineSwapped(position, nameof(EngineKind.LanguageModel), old.Name, next.Name, Stopwatch.GetElapsedTime(started).TotalMilliseconds, 0)
                : Failed(position, EngineKind.LanguageModel, next.Name, id, failure));
            if (failure is not null)
                ExceptionDispatchInfo.Throw(failure);
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private async Task<LanguageEngine> LoadAsync(string? id, CancellationToken cancellationToken)
    {
        var engine = await Task.Run(() => source.LanguageAsync(id, cancellationToken), cancellationToken);
        try
        {
            await TryOutAsync(engine.TryOutAsync, engine.Name, cancellationToken);
            return engine;
        }
        catch
        {
            await engine.DisposeAsync();
            throw;
        }
    }

    private async Task<LanguageEngine> AgainAsync(LanguageEngine old, Exception why)
    {
        try
        {
            return await Task.Run(() => source.LanguageAsync(old.Id, CancellationToken.None));
        }
        catch (Exception error)
        {
            return source.Language(new MissingModel($"{why.Message} {old.Name} could not be loaded again either: {error.Message}", "Choose a language model."), "none");
        }
    }

    private static EngineSwapFailed Failed(long position, EngineKind kind, string from, string? id, Exception error) => new(
        position, kind.ToString(), from, id ?? "the default", error.Message, (error as ModelUnavailableException)?.Remedy ?? "The old one serves on: choose another.");

    private async Task SwapAsync<T>(
        EngineKind kind, string? id, ModelSlot<T> slot, Func<string?, CancellationToken, Task<T>> load, Func<T, CancellationToken, Task> tryOut,
        Func<T, string> name, CancellationToken cancellationToken) where T : class, IAsyncDisposable
    {
        await _one.WaitAsync(cancellationToken);
        var from = name(slot.Current);
        T? next = null;
        try
        {
            var started = Stopwatch.GetTimestamp();
            // Loading a model blocks; nobody who clicks a button may wait on it.
            next = await Task.Run(() => load(id, cancellationToken), cancellationToken);
            var loaded = Stopwatch.GetElapsedTime(started);
            await TryOutAsync(stop => tryOut(next, stop), name(next), cancellationToken);
            var ready = Stopwatch.GetElapsedTime(started);
            cancellationToken.ThrowIfCancellationRequested();
            _ = slot.SwapAsync(next);
            publish(position => new EngineSwapped(position, kind.ToString(), from, name(next), loaded.TotalMilliseconds, (ready - loaded).TotalMilliseconds));
        }
        catch (Exception error)
        {
            if (next is not null)
                await next.DisposeAsync();
            if (error is not OperationCanceledException)
                publish(position => Failed(position, kind, from, id, error));
            throw;
        }
        finally
        {
            _one.Release();
        }
    }

    private static async Task TryOutAsync(Func<CancellationToken, Task> tryOut, string name, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_tryOut);
        try
        {
            await tryOut(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ModelUnavailableException($"{name} did nothing for {s_tryOut.TotalSeconds:0} s when it was tried out.", "The old one serves on: choose a smaller one.");
        }
    }

    private static async Task HearAsync(ISpeechRecognizer recognizer, CancellationToken cancellationToken)
    {
        await foreach (var transcript in recognizer.RecognizeAsync(new HalfASecondOfSilence(), cancellationToken))
        {
            if (transcript.IsFinal)
                return;
        }

        throw new ModelUnavailableException($"{recognizer.Id} gave no transcript when it was tried out.", "The old one serves on: choose another.");
    }

    private async Task SpeakAsync(ISpeechSynthesizer voice, CancellationToken cancellationToken)
    {
        await foreach (var audio in voice.SynthesizeAsync(language.StartsWith("zh", StringComparison.OrdinalIgnoreCase) ? "你好。" : "Hello.", language, cancellationToken))
        {
            if (audio.Samples.Span.IndexOfAnyExcept(0f) < 0)
                continue;
            foreach (var sample in audio.Samples.Span)
            {
                if (!float.IsFinite(sample))
                    throw new ModelUnavailableException($"{voice.Id} makes samples that are no numbers.", "The old one serves on: choose another.");
            }

            return;
        }

        throw new ModelUnavailableException($"{voice.Id} made no sound when it was tried out.", "The old one serves on: choose another.");
    }

    private sealed class HalfASecondOfSilence : ISpeechSource
    {
        private int _left = 8_000;

        public ValueTask<int> ReadAsync(Memory<float> destination, CancellationToken cancellationToken)
        {
            var count = Math.Min(_left, destination.Length);
            destination.Span[..count].Clear();
            _left -= count;
            return ValueTask.FromResult(count);
        }
    }
}
