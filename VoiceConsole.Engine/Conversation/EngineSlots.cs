using VoiceConsole.Engine.Language;
using VoiceConsole.Engine.Models;
using VoiceConsole.Engine.Speech;

namespace VoiceConsole.Engine.Conversation;

/// <summary>The engines that can be replaced in mid-conversation.</summary>
internal sealed class EngineSlots(ConversationEngines engines)
{
    public ModelSlot<ISpeechRecognizer> Recognizer { get; } = new(engines.Recognizer);

    public ModelSlot<LanguageEngine> Language { get; } = new(engines.Language);

    public ModelSlot<ISpeechSynthesizer> Voice { get; } = new(engines.Voice);

    /// <summary>What serves now, for one turn: a turn never mixes engines.</summary>
    public TurnEngines Take() => new(Recognizer.Take(), Language.Take(), Voice.Take());

    /// <summary>Frees what the conversation did not begin with.</summary>
    public async ValueTask FreeAsync()
    {
        await FreeAsync(Recognizer.Current, engines.Recognizer);
        await FreeAsync(Language.Current, engines.Language);
        await FreeAsync(Voice.Current, engines.Voice);
    }

    private static ValueTask FreeAsync<T>(T? engine, T first) where T : class, IAsyncDisposable =>
        engine is null || engine == first ? ValueTask.CompletedTask : engine.DisposeAsync();
}

/// <summary>One turn's engines, given back when neither the turn nor anything it has begun uses them. Belongs to the loop.</summary>
internal sealed class TurnEngines(ModelSlot<ISpeechRecognizer>.Lease recognizer, ModelSlot<LanguageEngine>.Lease language, ModelSlot<ISpeechSynthesizer>.Lease voice)
{
    private int _uses;

    public LanguageEngine Language => language.Engine;

    /// <summary>False while the model is being loaded after the old one had to go.</summary>
    public bool HasLanguage => !language.IsEmpty;

    /// <summary>Each engine of the turn, when it is there: where the old one had to go first, the new one is waited for.</summary>
    public ValueTask<ISpeechRecognizer> RecognizerAsync(CancellationToken cancellationToken) => recognizer.ReadyAsync(cancellationToken);

    public ValueTask<LanguageEngine> LanguageAsync(CancellationToken cancellationToken) => language.ReadyAsync(cancellationToken);

    public ValueTask<ISpeechSynthesizer> VoiceAsync(CancellationToken cancellationToken) => voice.ReadyAsync(cancellationToken);

    /// <summary>Keeps them until the result is disposed of. The last to do so gives them back for good.</summary>
    public IDisposable Use()
    {
        _uses++;
        return new End(this);
    }

    private sealed class End(TurnEngines engines) : IDisposable
    {
        public void Dispose()
        {
            if (--engines._uses > 0)
                return;
            engines.GiveBack();
        }
    }

    private void GiveBack()
    {
        recognizer.Dispose();
        language.Dispose();
        voice.Dispose();
    }
}
