using Whisper.net;

namespace VoiceConsole.Engine.Speech.Whisper;

/// <summary>A Whisper model by whisper.cpp, through Whisper.net.</summary>
public sealed class WhisperRecognizer : RereadingRecognizer
{
    // Encoder frames of a partial reading, 50 a second: enough for the longest, at two thirds of the time.
    private const int PartialContext = 1_000;

    private const string SimplifiedPrompt = "以下是普通话的句子。";

    private readonly WhisperFactory _factory;
    private readonly WhisperProcessor _whole, _partial;
    private readonly List<SegmentData> _heard = [];
    private readonly string _language;
    private CancellationToken _cancellation;

    /// <param name="file">A model in whisper.cpp's format (GGML).</param>
    /// <param name="folders">Folders of the installed part "whisper".</param>
    /// <param name="language">BCP 47 tag of what is spoken, "en" or "zh"; empty has the model tell.</param>
    /// <param name="threads">Processor threads, 1 or more.</param>
    /// <param name="work">Where it is read.</param>
    /// <exception cref="InvalidDataException">The file is no Whisper model, damaged, or does not understand the language.</exception>
    /// <exception cref="DllNotFoundException">The library cannot be loaded.</exception>
    public WhisperRecognizer(string file, IReadOnlyList<string> folders, string language, int threads, TaskScheduler work)
        : base(PlainTag(language) is { Length: > 0 } tag ? tag : "en", work)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threads);
        var head = WhisperHead.Read(file);
        _language = PlainTag(language);
        Id = Path.GetFileNameWithoutExtension(file);
        if (!head.IsMultilingual && _language is not ("" or "en"))
            throw new InvalidDataException($"{Path.GetFileName(file)} understands English only, and the conversation is in '{language}'. Take a model without '.en' in its name.");
        WhisperLibrary.Load(folders);
        try
        {
            _factory = WhisperFactory.FromPath(file, new WhisperFactoryOptions { UseGpu = false });
            _whole = Builder(threads).Build();
            _partial = Builder(threads).WithAudioContextSize(PartialContext).Build();
        }
        catch (Exception error) when (error is WhisperModelLoadException or FileNotFoundException)
        {
            _factory?.Dispose();
            throw new InvalidDataException($"whisper.cpp cannot load {Path.GetFileName(file)}; it may be cut off. Fetch it again. ({error.Message})", error);
        }

        Languages = head.IsMultilingual ? [.. WhisperFactory.GetSupportedLanguages()] : ["en"];
    }

    public override string Id { get; }

    public override IReadOnlyList<string> Languages { get; }

    protected override Transcript Read(float[] samples, bool isWhole, CancellationToken cancellationToken)
    {
        _heard.Clear();
        _cancellation = cancellationToken;
        try
        {
            (isWhole ? _whole : _partial).Process(samples);
        }
        catch (WhisperProcessingException) when (cancellationToken.IsCancellationRequested)
        {
            // Given up before its encoder began.
        }

        var text = HeardWords.Of(_heard.Select(s => new HeardSegment(s.Text, s.NoSpeechProbability, s.Probability)));
        float? confidence = text.Length > 0 ? _heard.Average(s => s.Probability) : null;
        var language = _language.Length > 0 ? _language : _heard.Count > 0 ? _heard[0].Language : "en";
        return new Transcript(text, true, language, confidence);
    }

    protected override void Free()
    {
        _whole.Dispose();
        _partial.Dispose();
        _factory.Dispose();
    }

    private static string PlainTag(string language)
    {
        ArgumentNullException.ThrowIfNull(language);
        return language.Split('-')[0].ToLowerInvariant();
    }

    private WhisperProcessorBuilder Builder(int threads)
    {
        var builder = _factory.CreateBuilder().WithThreads(threads).WithNoContext().WithProbabilities()
            .WithSegmentEventHandler(_heard.Add).WithEncoderBeginHandler(_ => !_cancellation.IsCancellationRequested);
        builder = _language.Length > 0 ? builder.WithLanguage(_language) : builder.WithLanguageDetection();
        // Without a word in front it writes Mandarin in traditional characters, or without marks, as it happens.
        return _language == "zh" ? builder.WithPrompt(SimplifiedPrompt) : builder;
    }
}
