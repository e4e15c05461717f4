using System.Threading.Channels;
using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Events;
using VoiceConsole.Engine.Language;
using VoiceConsole.Engine.Models;
using VoiceConsole.Engine.Speech;

namespace VoiceConsole.Engine.Conversation;

/// <summary>Turns a turn's sentences into clips for the playback, one sentence after the other. Belongs to the loop.</summary>
internal sealed class Speaker(TurnController controller, Playback playback, int sampleRate, TaskScheduler work)
{
    // The breath between two sentences; the voices' own silence is trimmed.
    private readonly int _pause = sampleRate / 8;

    public async Task SpeakAsync(Turn turn, ChannelReader<Sentence> sentences, string language)
    {
        using var use = turn.Engines.Use();
        await foreach (var sentence in sentences.Items(turn.Token))
        {
            var voice = await turn.Engines.VoiceAsync(turn.Token);
            controller.Publish(turn, new SynthesisStarted(turn.Id, controller.Now, sentence.Index, voice.Id));
            try
            {
                await SpeakAsync(turn, voice, sentence, sentence.Language ?? SpokenLanguage.Of(sentence.Text, language));
            }
            catch (Exception error) when (error is not OperationCanceledException || !turn.IsCancelled)
            {
                // The other sentences may still be sayable; the text is on the page in any case.
                if (!turn.HasFailed)
                    controller.Fail(turn, "synthesizer", error.Message, (error as ModelUnavailableException)?.Remedy ?? "Read the reply on the page, or choose another voice.");
            }
        }
    }

    private async Task SpeakAsync(Turn turn, ISpeechSynthesizer voice, Sentence sentence, string language)
    {
        var part = 0;
        await foreach (var audio in voice.SynthesizeAsync(sentence.Text, language, turn.Token))
        {
            turn.Token.ThrowIfCancellationRequested();
            var samples = audio.SampleRate == sampleRate
                ? audio.Samples
                : await Task.Factory.StartNew(
                    () => (ReadOnlyMemory<float>)Resampler.Convert(audio.Samples.Span, audio.SampleRate, sampleRate),
                    turn.Token, TaskCreationOptions.DenyChildAttach, work);
            turn.Token.ThrowIfCancellationRequested();
            controller.Publish(turn, new SpeechSynthesized(turn.Id, controller.Now, sentence.Index, part, samples.Length));
            playback.Enqueue(Clip(turn, sentence, audio, samples, part == 0 && sentence.Index > 0 ? _pause : 0));
            part++;
        }
    }

    private PlaybackClip Clip(Turn turn, Sentence sentence, SpeechAudio audio, ReadOnlyMemory<float> samples, int pause)
    {
        var scale = sampleRate / (double)audio.SampleRate;
        // A voice that cannot tell where its words lie gets an estimate by length; it is at most a word off.
        var words = audio.Words.Count > 0 ? audio.Words : WordEstimate.For(sentence.Text, audio.Samples.Length);
        var placed = new WordTiming[words.Count];
        for (var i = 0; i < placed.Length; i++)
        {
            var word = words[i];
            placed[i] = new WordTiming(
                sentence.TextStart + word.TextStart, word.TextLength,
                pause + (int)(word.Start * scale), Math.Min(pause + (int)(word.End * scale), pause + samples.Length));
        }

        if (pause > 0)
        {
            var padded = new float[pause + samples.Length];
            samples.CopyTo(padded.AsMemory(pause));
            samples = padded;
        }

        return new PlaybackClip(turn, samples, placed);
    }
}
