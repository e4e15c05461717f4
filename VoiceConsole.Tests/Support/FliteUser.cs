using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Conversation;

namespace VoiceConsole.Tests.Support;

/// <summary>A user whose voice is flite's: another one than the console's own.</summary>
internal static class FliteUser
{
    /// <summary>Speech at 16 kHz.</summary>
    public static async Task<float[]> SayAsync(string text, string voiceId = "flite-rms")
    {
        await Parts.FoldersAsync("flite");
        await using var voice = await new EngineLoader(Parts.Store, TaskScheduler.Default).VoiceAsync(voiceId, TestContext.Current.CancellationToken);
        var sound = new List<float>();
        await foreach (var audio in voice.SynthesizeAsync(text, "en", TestContext.Current.CancellationToken))
            sound.AddRange(Resampler.Convert(audio.Samples.Span, audio.SampleRate, AudioFormat.Engine.SampleRate));
        return [.. sound];
    }

    /// <summary>A recording of what the user says, each line followed by seconds of silence.</summary>
    public static async Task<string> RecordAsync(TempFolder folder, params (string Text, double Silence)[] lines)
    {
        var sound = new List<float>();
        foreach (var (text, silence) in lines)
        {
            sound.AddRange(await SayAsync(text));
            sound.AddRange(new float[(int)(silence * 16_000)]);
        }

        var file = folder / "user.wav";
        WavWriter.WriteAll(file, sound.ToArray(), 16_000);
        return file;
    }
}
