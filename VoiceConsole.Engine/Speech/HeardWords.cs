using System.Text.RegularExpressions;

namespace VoiceConsole.Engine.Speech;

/// <summary>A stretch of what a recogniser writes.</summary>
/// <param name="Text">Its words.</param>
/// <param name="NoSpeech">How sure it is that there was no speech, 0 to 1; null where it does not say.</param>
/// <param name="Probability">Of the words, 0 to 1; null where it does not say.</param>
internal readonly record struct HeardSegment(string Text, float? NoSpeech = null, float? Probability = null);

/// <summary>Tells words that were spoken from those that a recogniser makes up where nothing was: on silence Whisper writes what its training data ended with.</summary>
internal static partial class HeardWords
{
    // Whisper's own thresholds.
    private const float NoSpeech = 0.6f, Unsure = 0.4f;

    // Fainter than this in every 20 ms is no voice.
    private const float FaintestVoice = 0.002f;
    private const int Frame = 320;

    // The one credit that is also an answer: it is taken for one where nothing speaks against it.
    private const string Answer = "you";

    // Credits of films and channels, which nobody says to a console; only where they are all there is.
    private static readonly HashSet<string> s_credits = new(StringComparer.OrdinalIgnoreCase)
    {
        "thanks for watching", "thank you for watching", "thank you so much for watching", "please subscribe", "subtitles by the amara.org community", Answer,
        "字幕由amara.org社区提供", "字幕由 amara.org 社区提供", "请不吝点赞 订阅 转发 打赏支持明镜与点点栏目", "谢谢观看", "謝謝觀看", "字幕志愿者 杨茜茜", "多谢您的观看",
    };

    /// <summary>Whether there is anything to listen to.</summary>
    public static bool IsSilent(ReadOnlySpan<float> samples)
    {
        for (; samples.Length > 0; samples = samples[Math.Min(Frame, samples.Length)..])
        {
            var frame = samples[..Math.Min(Frame, samples.Length)];
            if (MathF.Sqrt(System.Numerics.Tensors.TensorPrimitives.SumOfSquares(frame) / frame.Length) > FaintestVoice)
                return false;
        }

        return true;
    }

    /// <summary>The words of an utterance without what was made up; empty where nothing is left.</summary>
    public static string Of(IEnumerable<HeardSegment> segments)
    {
        var kept = segments.Where(s => !(s.NoSpeech > NoSpeech && s.Probability < Unsure)).ToList();
        // "[BLANK_AUDIO]", "(music)", "♪": notes about the sound, not words.
        var text = Spaces().Replace(Notes().Replace(string.Concat(kept.Select(s => s.Text)), " "), " ").Trim();
        text = WithoutLoops(text);
        if (!text.Any(char.IsLetterOrDigit))
            return "";
        var words = text.Trim(' ', '.', '!', '。', '！');
        return s_credits.Contains(words) && kept.All(s => s is { NoSpeech: null, Probability: null } ? !words.Equals(Answer, StringComparison.OrdinalIgnoreCase) : s.NoSpeech > Unsure || s.Probability < Unsure) ? "" : text;
    }

    private static string WithoutLoops(string text)
    {
        try
        {
            return Loops().Replace(text, "$1").Trim();
        }
        catch (RegexMatchTimeoutException)
        {
            // Better too many words than none.
            return text;
        }
    }

    [GeneratedRegex(@"\[[^\]]{0,60}\]|\([^)]{0,60}\)|（[^）]{0,60}）|【[^】]{0,60}】|[♪♫*]")]
    private static partial Regex Notes();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    // The shortest phrase that is there four times or more in a row: a loop, not speech. One is left of it.
    [GeneratedRegex(@"(?=\p{L})(.{2,60}?)(?:[\s,，。.!！]*\1){3,}", RegexOptions.Singleline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Loops();
}
