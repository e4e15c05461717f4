using System.Runtime.CompilerServices;

namespace VoiceConsole.Engine.Speech.Reading;

/// <summary>A voice that is given Chinese sentences with their numbers in words; its own words are told as they were written.</summary>
public sealed class ReadingVoice(ISpeechSynthesizer voice) : ISpeechSynthesizer
{
    public string Id => voice.Id;

    public IReadOnlyList<string> Languages => voice.Languages;

    public IReadOnlyList<ISpeechSynthesizer> Parts => voice.Parts;

    public async IAsyncEnumerable<SpeechAudio> SynthesizeAsync(string text, string language, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(language);
        if (!language.StartsWith("zh", StringComparison.OrdinalIgnoreCase) || !text.Any(char.IsDigit))
        {
            await foreach (var audio in voice.SynthesizeAsync(text, language, cancellationToken))
                yield return audio;
            yield break;
        }

        var form = ChineseReading.Of(text);
        await foreach (var audio in voice.SynthesizeAsync(form.Text, language, cancellationToken))
            yield return audio with { Words = form.ToWritten(audio.Words) };
    }

    public ValueTask DisposeAsync() => voice.DisposeAsync();
}
