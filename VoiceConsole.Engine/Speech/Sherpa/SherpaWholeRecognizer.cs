using System.Runtime.InteropServices;

namespace VoiceConsole.Engine.Speech.Sherpa;

/// <summary>A model of sherpa-onnx that reads whole utterances: Whisper as ONNX, SenseVoice, Paraformer, Moonshine.</summary>
public sealed unsafe class SherpaWholeRecognizer : RereadingRecognizer
{
    // Whisper takes thirty seconds at most, of which it wants some silence.
    private const int Longest = 28 * 16_000;

    private readonly nint _recognizer;
    private readonly string _language;

    internal SherpaWholeRecognizer(SherpaModel model, IReadOnlyList<string> folders, string language, int threads, TaskScheduler work)
        : base(language.Length > 0 ? language : "en", work)
    {
        _language = language.Split('-')[0].ToLowerInvariant();
        Id = model.Name;
        SherpaNative.Load(folders);
        using var settings = new SherpaSettings();
        // SherpaOnnxOfflineRecognizerConfig.
        settings.Number(0, 16_000).Number(4, 80).Text(104, model["tokens"]).Number(112, threads).Text(120, "cpu").Text(528, "greedy_search").Number(536, 4);
        switch (model.Family)
        {
            case SherpaFamily.Whisper:
                settings.Text(48, model["encoder"]).Text(56, model["decoder"]).Text(64, model.Head.Metadata["is_multilingual"] == "1" ? _language : "").Text(72, "transcribe").Number(80, -1);
                break;
            case SherpaFamily.SenseVoice:
                settings.Text(160, model["model"]).Text(168, _language.Length > 0 ? _language : "auto").Number(176, 1);
                break;
            case SherpaFamily.Moonshine:
                settings.Text(184, model["preprocessor"]).Text(192, model["encode"]).Text(200, model["uncached"]).Text(208, model["cached"]);
                break;
            default:
                settings.Text(32, model["model"]);
                break;
        }

        _recognizer = SherpaNative.WholeCreate(settings.Address);
        if (_recognizer == 0)
            throw new InvalidDataException($"sherpa-onnx cannot use {model.Name}. Take the model from sherpa-onnx' own list.");
    }

    public override string Id { get; }

    /// <summary>Not told by the model: its maker's page does.</summary>
    public override IReadOnlyList<string> Languages { get; } = [];

    protected override Transcript Read(float[] samples, bool isWhole, CancellationToken cancellationToken)
    {
        var segments = new List<HeardSegment>();
        for (var at = 0; at < samples.Length && !cancellationToken.IsCancellationRequested; at += Longest)
            segments.Add(new HeardSegment(" " + Read(samples.AsSpan(at, Math.Min(Longest, samples.Length - at)))));
        return new Transcript(HeardWords.Of(segments), true, _language.Length > 0 ? _language : "en");
    }

    protected override void Free() => SherpaNative.WholeFree(_recognizer);

    private string Read(ReadOnlySpan<float> samples)
    {
        var stream = SherpaNative.WholeBegin(_recognizer);
        try
        {
            fixed (float* first = samples)
                SherpaNative.WholeHear(stream, 16_000, first, samples.Length);
            SherpaNative.WholeDecode(_recognizer, stream);
            var result = SherpaNative.WholeResult(stream);
            if (result is null)
                return "";
            var text = Marshal.PtrToStringUTF8(*result)?.Trim() ?? "";
            SherpaNative.WholeResultFree(result);
            return text;
        }
        finally
        {
            SherpaNative.WholeEnd(stream);
        }
    }
}
