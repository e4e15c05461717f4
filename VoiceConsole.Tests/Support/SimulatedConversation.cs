using Microsoft.Extensions.AI;
using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Audio.Devices;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Engine.Language;
using VoiceConsole.Engine.Models;
using VoiceConsole.Engine.Speech;

namespace VoiceConsole.Tests.Support;

/// <summary>A conversation of scripted engines in a silent room on virtual time: sound in, sound out, the same every time.</summary>
internal sealed class SimulatedConversation : IAsyncDisposable
{
    private readonly EventSubscription _subscription;

    public SimulatedConversation(
        IReadOnlyList<string> heard, IReadOnlyList<string?> replies, ConversationOptions? options = null, string? folder = null,
        RoomOptions? room = null, IReadOnlyList<string?>? fallback = null, bool partials = false, TimeSpan prefill = default,
        Func<VirtualTime, IEngineSource>? source = null, Guid id = default, ITokenCounter? counter = null, Func<VirtualTime, IChatClient>? model = null,
        ISpeechRecognizer? recognizer = null)
    {
        Time = new VirtualTime();
        var loop = new EventLoop(Time);
        Options = options ?? new ConversationOptions();
        Room = new RoomAudioDevice(room ?? RoomOptions.Preset("silent"), Time) { EndsWithUser = true };
        Model = new ScriptedModel(Time, [.. replies]) { PrefillTime = prefill, Counter = counter };
        Recognizer = new ScriptedRecognizer([.. heard]) { GivesPartials = partials };
        var language = new LanguageEngine(
            model?.Invoke(Time) ?? Model, "script", fallback is null ? null : new ScriptedModel(Time, [.. fallback]), fallback is null ? null : "fallback", Options, Time);
        var engines = new ConversationEngines(new PassThrough(), new LoudnessDetector(), recognizer ?? Recognizer, language, Voice = new ToneVoice(Time));
        var recorder = folder is null ? null : new TrackRecorder(folder, Room.Format, 0, inline: true);
        var started = new ConversationStarted(id, Time.GetUtcNow(), Room.Format.SampleRate, Room.Name, "script", "script", "tone", "none");
        Session = new ConversationSession(loop, Room, engines, Options, started, recorder, () => recognizer?.DisposeAsync() ?? ValueTask.CompletedTask) { Source = source?.Invoke(Time) };
        _subscription = Session.Events.SubscribeLossless();
    }

    public VirtualTime Time { get; }
    public ConversationOptions Options { get; }
    public RoomAudioDevice Room { get; }
    public ScriptedModel Model { get; }
    public ScriptedRecognizer Recognizer { get; }
    public ToneVoice Voice { get; }
    public ConversationSession Session { get; }

    /// <summary>Does something on the loop when that much of the conversation has gone by.</summary>
    public void At(TimeSpan time, Action action) => Time.CreateTimer(_ => action(), null, time, Timeout.InfiniteTimeSpan);

    /// <summary>Runs to the end and gives all events.</summary>
    public async Task<IReadOnlyList<TurnEvent>> RunAsync()
    {
        Session.Start();
        await Session.Completion;
        var events = new List<TurnEvent>();
        while (_subscription.Reader.TryRead(out var turnEvent))
            events.Add(turnEvent);
        return events;
    }

    public async ValueTask DisposeAsync()
    {
        _subscription.Dispose();
        await Session.DisposeAsync();
    }
}
