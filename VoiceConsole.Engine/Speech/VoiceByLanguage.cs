using VoiceConsole.Engine.Language;

namespace VoiceConsole.Engine.Speech;

/// <summary>Two voices as one: sentences in the first one's languages go to it, all others to the second; one that does not tell its languages is given all.</summary>
public sealed class VoiceByLanguage(ISpeechSynthesizer first, ISpeechSynthesizer others) : ISpeechSynthesizer
{
    public string Id => $"{first.Id} + {others.Id}";

    public IReadOnlyList<string> Languages => others.Languages;

    public IReadOnlyList<ISpeechSynthesizer> Parts => [.. first.Parts, .. others.Parts];

    public IAsyncEnumerable<SpeechAudio> SynthesizeAsync(string text, string language, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(language);
        var voice = first.Languages.Count == 0 || first.Languages.Any(l => SpokenLanguage.IsSame(l, language)) ? first : others;
        return voice.SynthesizeAsync(text, language, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await first.DisposeAsync();
        await others.DisposeAsync();
    }
}
