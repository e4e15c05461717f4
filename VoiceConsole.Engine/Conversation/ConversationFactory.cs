using Microsoft.Extensions.AI;
using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Audio.Devices;
using VoiceConsole.Engine.Events;
using VoiceConsole.Engine.Language;
using VoiceConsole.Engine.Language.Llama;
using VoiceConsole.Engine.Language.Servers;
using VoiceConsole.Engine.Models;
using VoiceConsole.Engine.Speech;

namespace VoiceConsole.Engine.Conversation;

/// <summary>Builds conversations from requests: fetches the parts, loads the engines, makes the device and the recording.</summary>
public sealed class ConversationFactory(ModelStore store, ConsolePaths paths) : IConversationFactory
{
    public async Task<IConversation> CreateAsync(ConversationRequest request, IProgress<string>? progress, CancellationToken cancellationToken) =>
        await CreateSessionAsync(request, progress, cancellationToken);

    internal async Task<ConversationSession> CreateSessionAsync(
        ConversationRequest request, IProgress<string>? progress, CancellationToken cancellationToken,
        Func<ConversationEngines, TimeProvider, ConversationEngines>? change = null, Func<IChatClient, IChatClient>? changeModel = null)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Options.Validate() is { Count: > 0 } problems)
            throw new ArgumentException(string.Join(" ", problems), nameof(request));
        if (request.VirtualTime && request.Device == "host")
            throw new ArgumentException("Virtual time is for recordings and simulated rooms; the host's devices run on their own.", nameof(request));
        var time = request.VirtualTime ? new VirtualTime() : TimeProvider.System;
        var loop = new EventLoop(time);
        // Beside the loading, which takes longer.
        var rehearsal = request.VirtualTime ? Task.CompletedTask : Rehearsal.OnceAsync();
        var owned = new Stack<object>();
        try
        {
            // Loading happens before the loop runs, so it must not wait for the loop's own scheduler: only later work goes there.
            var loader = new EngineLoader(store, loop.Work, progress) { Style = request.Style, Language = request.Options.Language };
            var canceller = Own(await loader.CancellerAsync(request.Canceller, cancellationToken));
            var detector = Own(await loader.DetectorAsync(cancellationToken));
            (IChatClient Model, string Name)? fallback = null;
            if (request.FallbackModel is { } address)
            {
                var (other, otherName) = await loader.ModelAsync(address, cancellationToken);
                fallback = (Own(EngineSource.OnThisTime(other, time, request.Options)), otherName);
            }

            var source = new EngineSource(loader, request.Options, time, changeModel) { Fallback = fallback, Request = request };
            var recognizer = Own(await source.RecognizerAsync(request.Recognizer, cancellationToken));
            var voice = Own(await source.VoiceAsync(request.Voice, cancellationToken));
            var language = Own(await FirstModelAsync(source, request.LanguageModel, progress, cancellationToken));
            ISpeechSynthesizer? userVoice = request.Device == "room" ? Own(await loader.VoiceAsync(EngineLoader.RoomUserVoice, cancellationToken)) : null;
            var device = Own(await OpenDeviceAsync(loader, request, time, cancellationToken));
            var engines = new ConversationEngines(canceller, detector, recognizer, language, voice);
            engines = change?.Invoke(engines, time) ?? engines;
            await rehearsal;
            var id = Guid.NewGuid();
            var recorder = request.Options.Record
                ? Own(new TrackRecorder(request.Output ?? ConsolePaths.Inside(paths.Data, Path.Combine("recordings", id.ToString())), device.Format, Listener.Delay(canceller, request.Options.Guard), inline: request.VirtualTime))
                : null;
            var started = new ConversationStarted(
                id, time.GetUtcNow(), device.Format.SampleRate, device.Name, recognizer.Id, language.Name, voice.Id, canceller.Id, request.Options);
            return new ConversationSession(loop, device, engines, request.Options, started, recorder, () => FreeAsync(language, fallback?.Model, recognizer, voice, userVoice, recorder))
            {
                Source = source,
                RoomUser = device is RoomAudioDevice room && userVoice is not null ? new SynthesizedRoomUser(room, userVoice, loop, request.Options.Language) : null,
            };
        }
        catch
        {
            await FreeAsync([.. owned]);
            loop.Dispose();
            throw;
        }

        T Own<T>(T item) where T : notnull
        {
            owned.Push(item);
            return item;
        }
    }

    // Where another model answers instead, one that cannot be had is no reason not to talk.
    private static async Task<LanguageEngine> FirstModelAsync(EngineSource source, string? id, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        try
        {
            return await source.LanguageAsync(id, cancellationToken);
        }
        catch (Exception error) when (source.Fallback is not null && error is not (ArgumentException or OperationCanceledException))
        {
            progress?.Report($"{error.Message} {source.Fallback.Value.Name} answers instead.");
            var missing = new MissingModel(error.Message, (error as ModelUnavailableException)?.Remedy ?? "Choose another model.");
            return source.Language(missing, ModelAddress.Parse(id ?? EngineLoader.DefaultModel).Name);
        }
    }

    internal static async Task<IAudioDevice> OpenDeviceAsync(EngineLoader loader, ConversationRequest request, TimeProvider time, CancellationToken cancellationToken)
    {
        switch (request.Device)
        {
            case "host":
                return await loader.HostDeviceAsync(request.Microphone, request.Loudspeaker, time, cancellationToken);
            case "wav":
                return new WavAudioDevice(request.Microphone ?? throw new ArgumentException("--device wav wants a recording: give --mic FILE.wav."), time);
            case "room":
                var room = new RoomAudioDevice(RoomOptions.Preset(request.Room ?? "office"), time) { EndsWithUser = request.Microphone is not null };
                if (request.Microphone is { } file)
                    room.Speak(WavReader.ReadAll(file, room.Format.SampleRate), TimeSpan.FromMilliseconds(500));
                return room;
            case "tracks":
                return new TrackAudioDevice(request.Microphone ?? throw new ArgumentException("A stored recording wants its folder."), time);
            default:
                throw new ArgumentException($"There is no device '{request.Device}'. There are: host, wav, room.");
        }
    }

    private static async ValueTask FreeAsync(params object?[] items)
    {
        foreach (var item in items)
        {
            if (item is IAsyncDisposable waits)
                await waits.DisposeAsync();
            else
                (item as IDisposable)?.Dispose();
        }
    }
}
