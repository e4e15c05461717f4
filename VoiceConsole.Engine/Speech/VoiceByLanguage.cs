namespace VoiceConsole.Engine.Speech;

/// <summary>Two voices as one: sentences in the first one's languages go to it, all others to the second; one that does not tell its languages is given all.</summary>
public sealed class VoiceByLanguage(ISpeechSynthesizer first, ISpeechSynthesizer others) : ISpeechSynthesizer
{
    public string Id => $"{first.Id} + {others.Id}";

    public IReadOnlyList<string> Languages => others.Languages;

    public IAsyncEnumerable<SpeechAudio> SynthesizeAsync(string text, string language, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(language);
        var voice = first.Languages.Count == 0 || first.Languages.Any(l => l.Split('-')[0].Equals(language.Split('-')[0], StringComparison.OrdinalIgnoreCase)) ? first : others;
        return voice.SynthesizeAsync(text, language, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await first.DisposeAsync();
        await others.DisposeAsync();
    }
}
