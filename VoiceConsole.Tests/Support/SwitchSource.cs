using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Language;
using VoiceConsole.Engine.Models;
using VoiceConsole.Engine.Speech;

namespace VoiceConsole.Tests.Support;

/// <summary>Engines that are made at once, slowly, badly or not at all, as their names say.</summary>
internal sealed class SwitchSource : IEngineSource
{
    private VirtualTime? _time;

    public List<ToneVoice> Voices { get; } = [];

    public List<WatchedModel> Models { get; } = [];

    public List<BrokenVoice> Broken { get; } = [];

    public ReadingEars Ears { get; init; } = new(isBroken: false);

    /// <summary>Not even what served before.</summary>
    public bool HasNothing { get; init; }

    /// <summary>Loads take until then.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public Action? Loading { get; set; }

    public List<bool> WasFreed { get; } = [];

    public SwitchSource On(VirtualTime time)
    {
        _time = time;
        return this;
    }

    public string? First(EngineKind kind) => null;

    public async Task<ISpeechRecognizer> RecognizerAsync(string? id, CancellationToken cancellationToken)
    {
        await LoadAsync(id);
        return id == "reads" ? Ears : new ScriptedRecognizer("try out", id == "other ears" ? "other words" : id!);
    }

    public async Task<LanguageEngine> LanguageAsync(string? id, CancellationToken cancellationToken)
    {
        await LoadAsync(id);
        Models.Add(new WatchedModel(_time!, id is null ? "The old one again." : "Another answer."));
        return new LanguageEngine(Models[^1], id ?? "script", null, null, new ConversationOptions(), _time!);
    }

    public LanguageEngine Language(IChatClient model, string name) => new(model, name, null, null, new ConversationOptions(), _time!);

    public async Task<ISpeechSynthesizer> VoiceAsync(string? id, CancellationToken cancellationToken)
    {
        await LoadAsync(id);
        switch (id)
        {
            case "missing":
                throw new ModelUnavailableException("There is no such voice.", "Take another.");
            case "never":
                await Task.Delay(Timeout.Infinite, cancellationToken);
                break;
            case "not numbers" or "dumb":
                Broken.Add(new BrokenVoice(id, id == "dumb" ? 0 : float.NaN));
                return Broken[^1];
            case "dumb in Chinese":
                Broken.Add(new BrokenVoice("dumb", 0) { Languages = ["zh-CN"] });
                return new VoiceByLanguage(Broken[^1], new ToneVoice(_time!, "all else", delayMs: 0));
        }

        // The conversation's time stands still while it is tried out.
        Voices.Add(new ToneVoice(_time!, id ?? "tone again", delayMs: 0));
        return Voices[^1];
    }

    private Task LoadAsync(string? id)
    {
        Loading?.Invoke();
        return HasNothing || id == "too large" ? Task.FromException(new ModelUnavailableException("It needs about 9.0 GB.", "Take a smaller one.")) : Gate;
    }
}

/// <summary>Thinks for a second, but says its trial word at once, and notes when it is used after its end.</summary>
internal sealed class WatchedModel(VirtualTime time, string reply) : IChatClient
{
    private bool _isFreed;

    public bool IsMisused { get; private set; }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        IsMisused |= _isFreed;
        if (options?.MaxOutputTokens != 1)
            await Task.Delay(TimeSpan.FromSeconds(1), time, cancellationToken);
        IsMisused |= _isFreed;
        yield return new ChatResponseUpdate(ChatRole.Assistant, reply);
    }

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose() => _isFreed = true;
}

/// <summary>Reads something in whatever it is given, or fails at it.</summary>
internal sealed class ReadingEars(bool isBroken) : RereadingRecognizer("en", TaskScheduler.Default)
{
    public override string Id => "reads";

    public override IReadOnlyList<string> Languages => ["en"];

    protected override Transcript Read(float[] samples, bool isWhole, CancellationToken cancellationToken) =>
        isBroken ? throw new InvalidDataException("The weights make no sense.") : new Transcript("read", true, "en");

    protected override void Free()
    {
        // Holds nothing.
    }
}

/// <summary>Makes two samples.</summary>
internal sealed class BrokenVoice(string id, float sample) : ISpeechSynthesizer
{
    public string Id => id;

    public bool IsFreed { get; private set; }

    public List<string> Said { get; } = [];

    public IReadOnlyList<string> Languages { get; init; } = [];

    public async IAsyncEnumerable<SpeechAudio> SynthesizeAsync(string text, string language, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Said.Add(text);
        await Task.Yield();
        yield return new SpeechAudio(new[] { sample, sample }, 16_000, []);
    }

    public ValueTask DisposeAsync()
    {
        IsFreed = true;
        return ValueTask.CompletedTask;
    }
}
