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
        if (Recognizer.Current != engines.Recognizer)
            await Recognizer.Current.DisposeAsync();
        if (Language.Current != engines.Language)
            await Language.Current.DisposeAsync();
        if (Voice.Current != engines.Voice)
            await Voice.Current.DisposeAsync();
    }
}

/// <summary>One turn's engines, given back when neither the turn nor anything it has begun uses them. Belongs to the loop.</summary>
internal sealed class TurnEngines(ModelSlot<ISpeechRecognizer>.Lease recognizer, ModelSlot<LanguageEngine>.Lease language, ModelSlot<ISpeechSynthesizer>.Lease voice)
{
    private int _uses;

    public ISpeechRecognizer Recognizer => recognizer.Engine;

    public LanguageEngine Language => language.Engine;

    public ISpeechSynthesizer Voice => voice.Engine;

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
