using CsCheck;
using VoiceConsole.Engine.Audio.Devices;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Engine.Speech;
using VoiceConsole.Tests.Support;

namespace VoiceConsole.Tests.Engine.Conversation;

public class PlaybackTests
{
    private const int Length = 8000;
    private const int Queue = 480;

    [Fact]
    public void However_often_it_is_lowered_the_reply_is_heard_once_and_whole_and_nothing_sounds_after_a_stop() =>
        Gen.Select(Gen.Int[0, 3].Array[0, 150], Gen.Bool).Sample((steps, stops) =>
        {
            var time = new VirtualTime();
            var room = new RoomAudioDevice(RoomOptions.Preset("silent"), time);
            room.Start(() => { });
            var playback = new Playback(room, new TurnEventBus());
            var turn = new Turn(new TurnId(1), null, new EngineSlots(Scripted.Engines(time)).Take());
            turn.ReplyText.Append("word");
            var finished = 0;
            playback.Finished = (_, _) => finished++;
            playback.Begin(turn);
            // Every sample has a value of its own, so that what is rendered says which it is.
            float[] samples = [.. Enumerable.Range(0, Length).Select(i => 0.2f + 0.6f * i / Length)];
            playback.Enqueue(new PlaybackClip(turn, samples, [new WordTiming(0, 4, 0, Length)]));
            playback.Complete(turn);
            var last = -1;
            var before = -2;
            var rendered = 0;

            foreach (var step in steps)
            {
                if (step < 2)
                    playback.SetLow(step == 0);
                Frame();
            }

            if (stops)
            {
                playback.Stop();
                rendered = 0;
                playback.SetLow(false);
                playback.Enqueue(new PlaybackClip(turn, samples, []));
                for (var i = 0; i < 20; i++)
                    Frame();
                Assert.InRange(rendered, 0, Queue);
            }
            else
            {
                playback.SetLow(false);
                for (var i = 0; i < 2 * Length / 160 && finished == 0; i++)
                    Frame();
                // Brought back at its very end, its last 10 ms are still rising.
                Assert.InRange(last, Length - 1 - 160, Length - 1);
                Assert.Equal(4, turn.HeardEnd);
            }

            Assert.Equal(1, finished);

            void Frame()
            {
                time.AdvanceToNextTimer();
                Assert.True(room.TryRead(out var frame));
                foreach (var sample in frame.Rendered)
                {
                    rendered += sample == 0 ? 0 : 1;
                    var index = Array.BinarySearch(samples, sample);
                    // A sample on the way down or up may by chance look like another one, but not two in a row.
                    if (index >= 0 && index == before + 1 && finished == 0)
                    {
                        Assert.True(index > last, $"sample {index} came after sample {last}");
                        last = index;
                    }

                    before = index;
                }

                playback.Rendered(frame);
                playback.Fill();
            }
        }, iter: 200);
}
