using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Models;

namespace VoiceConsole.Web.Commands.Bench;

/// <summary>A user who asks about every ten seconds, and now and then before the reply is over.</summary>
internal static class BenchUser
{
    private static readonly string[] s_questions =
        ["good morning", "what is the time", "tell me about yourself", "how are you today", "what can you do", "where is the door", "thank you very much"];

    // The room is silent for a moment before the recording.
    private static readonly long s_before = AudioFormat.Engine.ToSamples(TimeSpan.FromMilliseconds(500));

    /// <summary>Writes what the user says.</summary>
    /// <returns>Where in a conversation in a simulated room each question begins and ends, in samples.</returns>
    public static async Task<IReadOnlyList<(long Start, long End)>> RecordAsync(string file, ModelStore store, TimeSpan length, string language, CancellationToken cancellationToken)
    {
        await using var voice = await new EngineLoader(store, TaskScheduler.Default).VoiceAsync(EngineLoader.RoomUserVoice, cancellationToken);
        var questions = new List<float[]>();
        foreach (var question in s_questions)
        {
            var sound = new List<float>();
            await foreach (var audio in voice.SynthesizeAsync(question, language, cancellationToken))
                sound.AddRange(Resampler.Convert(audio.Samples.Span, audio.SampleRate, AudioFormat.Engine.SampleRate));
            questions.Add([.. sound]);
        }

        var lines = new List<(long, long)>();
        var hour = new float[AudioFormat.Engine.ToSamples(length)];
        for (long turn = 0, at = AudioFormat.Engine.SampleRate; at < hour.Length; turn++)
        {
            var question = questions[(int)(turn % questions.Count)];
            question.AsSpan(0, (int)Math.Min(question.Length, hour.Length - at)).CopyTo(hour.AsSpan((int)at));
            lines.Add((at + s_before, at + s_before + question.Length));
            at += question.Length + AudioFormat.Engine.ToSamples(TimeSpan.FromSeconds(turn % 5 == 4 ? 2 : 8 + turn % 3));
        }

        WavWriter.WriteAll(file, hour, AudioFormat.Engine.SampleRate);
        return lines;
    }
}
