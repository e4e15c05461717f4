using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Audio.Devices;
using VoiceConsole.Engine.Language;
using VoiceConsole.Engine.Speech;

namespace VoiceConsole.Engine.Conversation;

/// <summary>A user in a simulated room whose voice is a synthesiser's.</summary>
internal sealed class SynthesizedRoomUser(RoomAudioDevice room, ISpeechSynthesizer voice, EventLoop loop, string language) : IRoomUser
{
    public string Voice => voice.Id;

    public async Task SpeakAsync(string text, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        var sound = new List<float>();
        await foreach (var audio in voice.SynthesizeAsync(text, SpokenLanguage.Of(text, language), cancellationToken))
            sound.AddRange(Resampler.Convert(audio.Samples.Span, audio.SampleRate, room.Format.SampleRate));
        if (loop.IsCurrent)
        {
            room.Speak(sound.ToArray());
            return;
        }

        // The room belongs to the loop.
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(_ =>
        {
            room.Speak(sound.ToArray());
            begun.SetResult();
        }, null);
        await begun.Task.WaitAsync(cancellationToken);
    }
}
