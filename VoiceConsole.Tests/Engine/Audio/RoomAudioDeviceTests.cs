using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Audio.Devices;
using VoiceConsole.Engine.Conversation;

namespace VoiceConsole.Tests.Engine.Audio;

public class RoomAudioDeviceTests
{
    private static readonly RoomOptions s_dry = new("test", 0, -10, TimeSpan.FromMilliseconds(25), double.NegativeInfinity);

    [Fact]
    public void The_loudspeaker_reaches_the_microphone_after_its_delay_at_its_level()
    {
        var (captured, rendered) = Run(new RoomAudioDevice(s_dry, new VirtualTime()), 10, (room, frame) =>
        {
            if (frame == 0)
                room.Write([.. Enumerable.Repeat(0f, 100), 1f], more: false);
        });
        Assert.Equal(100 + 160, Array.IndexOf(rendered, 1f));
        var echo = Array.FindIndex(captured, s => Math.Abs(s) > 0.01f);
        Assert.Equal(260 + 400, echo);
        Assert.Equal(Math.Pow(10, -10 / 20.0), captured[echo], 1e-3);
    }

    [Fact]
    public void The_user_is_heard_where_it_was_promised()
    {
        var start = 0L;
        var (captured, _) = Run(new RoomAudioDevice(s_dry, new VirtualTime()), 100, (room, frame) =>
        {
            if (frame == 3)
                start = room.Speak([0.5f, 0.25f], TimeSpan.FromMilliseconds(123));
        });
        Assert.Equal(0.5f, captured[start], 1e-3f);
        Assert.Equal(0.25f, captured[start + 1], 1e-3f);
        Assert.Equal(2, captured.Count(s => Math.Abs(s) > 1e-3));
    }

    [Fact]
    public void The_same_seed_gives_the_same_samples_and_another_seed_others()
    {
        var living = RoomOptions.Preset("living");
        var first = Run(new RoomAudioDevice(living, new VirtualTime()), 200, Play).Captured;
        Assert.Equal(first, Run(new RoomAudioDevice(living, new VirtualTime()), 200, Play).Captured);
        Assert.NotEqual(first, Run(new RoomAudioDevice(living with { Seed = 2 }, new VirtualTime()), 200, Play).Captured);

        static void Play(RoomAudioDevice room, int frame)
        {
            if (frame % 20 == 0)
                room.Speak(ResamplerTests.Tone(16_000, 1000, 200));
            room.Write(ResamplerTests.Tone(16_000, room.WritableSamples, 500), more: true);
        }
    }

    [Fact]
    public void The_reverberation_decays_by_sixty_decibels_in_its_time()
    {
        var response = RoomResponse.Calculate(RoomResponse.Loudspeaker, 0.5, 16_000, normalise: true);
        // Schroeder: the energy that is still to come, between -5 and -25 dB, as for T20.
        var tail = new double[response.Length + 1];
        for (var i = response.Length - 1; i >= 0; i--)
            tail[i] = tail[i + 1] + response[i] * response[i];
        var from = Array.FindIndex(tail, t => t < tail[0] * Math.Pow(10, -0.5));
        var to = Array.FindIndex(tail, t => t < tail[0] * Math.Pow(10, -2.5));
        Assert.InRange((to - from) / 16_000.0 * 3, 0.3, 0.7);
    }

    [Fact]
    public void Unplugged_it_says_so_and_goes_on_where_the_clock_is()
    {
        var time = new VirtualTime();
        var room = new RoomAudioDevice(s_dry, time);
        var positions = new List<long>();
        var states = new List<AudioDeviceState>();
        Run(room, 100, (device, frame) =>
        {
            positions.Add(frame * 160L);
            if (frame == 10)
            {
                device.Unplug();
                states.Add(device.Status.State);
                Assert.Contains("Plug it in again", device.Status.Problem, StringComparison.Ordinal);
                Assert.Equal(0, device.WritableSamples);
                time.CreateTimer(_ => device.Plug(), null, TimeSpan.FromMilliseconds(200), Timeout.InfiniteTimeSpan);
            }
        });
        Assert.Equal([AudioDeviceState.Lost], states);
        Assert.Contains(31 * 160, positions);
        Assert.DoesNotContain(20 * 160, positions);
        Assert.Equal(AudioDeviceState.Running, room.Status.State);
    }

    [Fact]
    public void Running_dry_counts_only_while_there_is_more_to_say()
    {
        var room = new RoomAudioDevice(s_dry, new VirtualTime());
        Run(room, 20, (device, frame) =>
        {
            if (frame == 2) device.Write(new float[100], more: true);
            if (frame == 10) device.Write(new float[100], more: false);
        });
        Assert.Equal(1, room.Status.Underruns);
    }

    [Fact]
    public void Frames_that_nobody_reads_for_two_seconds_are_dropped_oldest_first_and_counted()
    {
        var time = new VirtualTime();
        var room = new RoomAudioDevice(s_dry, time);
        room.Start(() => { });
        for (var frame = 0; frame < 200; frame++)
            time.AdvanceToNextTimer();

        Assert.True(room.TryRead(out var first));

        Assert.Equal((100, 100 * 160), (room.Status.Overruns, first.Position));
        var read = 1;
        while (room.TryRead(out _))
            read++;
        Assert.Equal((100, 100), (read, room.Status.Overruns));
    }

    [Fact]
    public void A_frame_allocates_nothing()
    {
        var time = new VirtualTime();
        var room = new RoomAudioDevice(RoomOptions.Preset("office"), time);
        using var recorderFolder = new Support.TempFolder();
        using var recorder = new TrackRecorder(recorderFolder.Path, AudioFormat.Engine, inline: true);
        room.Speak(ResamplerTests.Tone(16_000, 32_000, 200));
        var sound = ResamplerTests.Tone(16_000, 160, 500);
        long before = 0;
        var measured = 0L;
        Run(room, 300, (device, frame) =>
        {
            if (frame > 100)
                measured += GC.GetAllocatedBytesForCurrentThread() - before;
            device.Write(sound.AsSpan(0, Math.Min(160, device.WritableSamples)), more: true);
            recorder.Push(sound, sound, sound, frame * 160L);
            before = GC.GetAllocatedBytesForCurrentThread();
        });
        Assert.Equal(0, measured);
    }

    // Runs the device on virtual time; `each` is called after every frame with its number.
    private static (float[] Captured, float[] Rendered) Run(RoomAudioDevice room, int frames, Action<RoomAudioDevice, int> each)
    {
        var captured = new List<float>(frames * 320);
        var rendered = new List<float>(frames * 320);
        using var loop = new EventLoop(room.Clock.Time);
        var done = new TaskCompletionSource();
        loop.OnWake = () =>
        {
            while (room.TryRead(out var frame))
            {
                captured.AddRange(frame.Captured);
                rendered.AddRange(frame.Rendered);
                each(room, (int)(frame.Position / 160));
                if (frame.Position / 160 >= frames)
                    done.TrySetResult();
            }
        };
        loop.Run(async () =>
        {
            room.Start(loop.Wake);
            await done.Task;
            await room.DisposeAsync();
        });
        return ([.. captured], [.. rendered]);
    }
}
