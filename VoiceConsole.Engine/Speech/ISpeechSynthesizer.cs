namespace VoiceConsole.Engine.Speech;

/// <summary>Turns a sentence into sound.</summary>
/// <remarks>
/// Thread-safe; sentences are spoken one at a time. Blocking native work runs on the <see cref="TaskScheduler"/> given to
/// the engine, so that virtual time can hold still meanwhile.
/// </remarks>
public interface ISpeechSynthesizer : IAsyncDisposable
{
    /// <summary>Catalogue id, for example "flite-slt".</summary>
    string Id { get; }

    /// <summary>BCP 47 tags it speaks; empty means any.</summary>
    IReadOnlyList<string> Languages { get; }

    /// <summary>The voices it is made of, each of which speaks by itself.</summary>
    IReadOnlyList<ISpeechSynthesizer> Parts => [this];

    /// <summary>Sound in order, the first part as soon as there is one. Text without a word to say yields nothing.</summary>
    /// <param name="text">One sentence of plain text.</param>
    /// <param name="language">BCP 47 tag, "en" or "zh".</param>
    /// <param name="cancellationToken">Stops the synthesis within one part.</param>
    IAsyncEnumerable<SpeechAudio> SynthesizeAsync(string text, string language, CancellationToken cancellationToken);
}
