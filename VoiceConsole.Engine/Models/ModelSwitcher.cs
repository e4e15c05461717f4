using System.Diagnostics;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Engine.Language;
using VoiceConsole.Engine.Native;
using VoiceConsole.Engine.Speech;

namespace VoiceConsole.Engine.Models;

/// <summary>
/// Replaces an engine while the conversation goes on: load, try out, swap, and free the old one when the turns that began with it
/// are over. Whatever fails before the swap leaves the old one serving. One swap at a time; thread-safe.
/// </summary>
/// <param name="source">Makes the engines.</param>
/// <param name="slots">Where they serve.</param>
/// <param name="language">Of the conversation: voices that speak it are tried out in it.</param>
/// <param name="publish">Takes the event that says how it went, made from its position.</param>
/// <param name="hold">Keeps the conversation's time standing while an engine is loaded, which takes the world's; may give null.</param>
/// <param name="over">The conversation has ended, and needs no engine any more.</param>
internal sealed class ModelSwitcher(
    IEngineSource source, EngineSlots slots, string language, Action<Func<long, TurnEvent>> publish, Func<IDisposable?> hold, CancellationToken over) : IDisposable
{
    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly EngineTrial _trial = new(language);

    // By what name the engine that serves was asked for, where it is not the first.
    private readonly Dictionary<EngineKind, string?> _asked = [];

    /// <summary>The swap has been made when this completes; the old engine may still be at work on a turn.</summary>
    /// <param name="kind">Which of the three.</param>
    /// <param name="id">As <see cref="IEngineSource"/> takes it.</param>
    /// <param name="freeFirst">
    /// Where memory does not hold two: the old one is freed before, turns that begin meanwhile wait, and if the new one cannot be had
    /// the old one is loaded again.
    /// </param>
    /// <param name="cancellationToken">Gives up before the swap.</param>
    /// <exception cref="ModelUnavailableException">It cannot be had, or was tried out in vain; the old one serves on.</exception>
    /// <exception cref="InvalidDataException">Its file is damaged or of another kind; the old one serves on.</exception>
    /// <exception cref="ArgumentException">There is no such engine.</exception>
    public Task SwapAsync(EngineKind kind, string? id, bool freeFirst, CancellationToken cancellationToken) => kind switch
    {
        EngineKind.Recognizer => SwapAsync(kind, id, freeFirst, slots.Recognizer, source.RecognizerAsync, EngineTrial.HearAsync, e => e.Id, e => new MissingRecognizer(e), cancellationToken),
        EngineKind.LanguageModel => SwapAsync(kind, id, freeFirst, slots.Language, source.LanguageAsync, (e, stop) => e.TryOutAsync(stop), e => e.Name,
            e => source.Language(new MissingModel(e.Message, e.Remedy), "none"), cancellationToken),
        _ => SwapAsync(kind, id, freeFirst, slots.Voice, source.VoiceAsync, _trial.SpeakAsync, e => e.Id, e => new MissingVoice("none", e), cancellationToken),
    };

    public void Dispose() => _one.Dispose();

    private async Task SwapAsync<T>(
        EngineKind kind, string? id, bool freeFirst, ModelSlot<T> slot, Func<string?, CancellationToken, Task<T>> load, Func<T, CancellationToken, Task> tryOut,
        Func<T, string> name, Func<ModelUnavailableException, T> none, CancellationToken cancellationToken) where T : class, IAsyncDisposable
    {
        // Until the old one is free its turns have to go on.
        var held = freeFirst ? null : hold();
        var hasTurn = false;
        T? next = null;
        var from = "none";
        try
        {
            await _one.WaitAsync(cancellationToken);
            hasTurn = true;
            // Vacant only after the conversation's end.
            from = slot.Current is { } old ? name(old) : throw new OperationCanceledException(over);
            if (freeFirst)
            {
                await FreeOldAsync(slot.VacateAsync());
                held = hold();
            }

            var started = Stopwatch.GetTimestamp();
            // Loading a model blocks; nobody who clicks a button may wait on it.
            next = await Task.Run(() => load(id, cancellationToken), cancellationToken);
            var loaded = Stopwatch.GetElapsedTime(started);
            await EngineTrial.RunAsync(stop => tryOut(next, stop), name(next), cancellationToken);
            var ready = Stopwatch.GetElapsedTime(started);
            cancellationToken.ThrowIfCancellationRequested();
            _asked[kind] = id;
            _ = FreeOldAsync(slot.SwapAsync(next));
            publish(position => new EngineSwapped(position, kind.ToString(), from, name(next), loaded.TotalMilliseconds, (ready - loaded).TotalMilliseconds));
        }
        catch (Exception error)
        {
            if (next is not null)
                await next.DisposeAsync();
            if (hasTurn && slot.Current is null)
                await slot.SwapAsync(await AgainAsync(_asked.TryGetValue(kind, out var asked) ? asked : source.First(kind), from, load, none, error));
            if (error is not OperationCanceledException)
                publish(position => Failed(position, kind, from, id, error));
            throw;
        }
        finally
        {
            if (hasTurn)
                _one.Release();
            held?.Dispose();
        }
    }

    // Ends when the old one and its memory are gone.
    private static async Task FreeOldAsync(Task replaced)
    {
        await replaced;
        NativeHeap.Trim();
    }

    // The old one was freed before its successor failed: it is had again, or else somebody who says why it is not.
    private async Task<T> AgainAsync<T>(string? id, string name, Func<string?, CancellationToken, Task<T>> load, Func<ModelUnavailableException, T> none, Exception why)
    {
        try
        {
            over.ThrowIfCancellationRequested();
            return await Task.Run(() => load(id, over), over);
        }
        catch (Exception error) when (!over.IsCancellationRequested)
        {
            return none(new ModelUnavailableException($"{why.Message} {name} could not be loaded again either: {error.Message}", "Choose another one.", error));
        }
    }

    private static EngineSwapFailed Failed(long position, EngineKind kind, string from, string? id, Exception error) => new(
        position, kind.ToString(), from, id ?? "the default", error.Message, (error as ModelUnavailableException)?.Remedy ?? "The old one serves on: choose another.");
}
