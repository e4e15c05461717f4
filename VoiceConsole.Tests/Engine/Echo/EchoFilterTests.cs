using System.Numerics.Tensors;
using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Audio.Devices;
using VoiceConsole.Engine.Echo;
using VoiceConsole.Engine.Echo.Adaptive;

namespace VoiceConsole.Tests.Engine.Echo;

/// <summary>The filter in a calculated room, with noise for a loudspeaker's sound: what it learns and what it leaves.</summary>
public class EchoFilterTests
{
    private const int Frame = EchoFilter.Frame;
    private const int Delay = 1600;

    [Fact]
    public void Echo_of_a_room_is_learnt_and_removed_and_its_way_is_known()
    {
        var filter = new FollowingFilter(followsClock: false);
        var path = new EchoPath(filter, 16_000);
        Assert.Equal(0, path.Estimate().Confidence);
        var removed = Run(filter.Process, () => filter.Left, 0, 6, (at, _) =>
        {
            path.Observe();
            return at < 5 * 16_000 ? 0 : 1;
        });
        Assert.True(removed > 20, $"{removed:0.0} dB");
        var estimate = path.Estimate();
        Assert.InRange(estimate.DelayMs, 98, 104);
        Assert.InRange(estimate.ReturnLossDb, 5, 7);
        Assert.InRange(estimate.FilterErleDb, 18, 40);
        Assert.InRange(estimate.Confidence, 0.9, 1);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-16)]
    public void An_echo_that_comes_at_once_or_before_its_reference_is_removed(int delay)
    {
        var filter = new FollowingFilter(followsClock: true);
        var path = new EchoPath(filter, 16_000);
        var removed = Run(filter.Process, () => filter.Left, 0, 6, (at, _) =>
        {
            path.Observe();
            return at < 5 * 16_000 ? 0 : 1;
        }, delay);
        Assert.True(removed > 20, $"{removed:0.0} dB");
        Assert.InRange(path.Estimate().DelayMs, Math.Max(0, delay / 16.0 - 0.2), Math.Max(0, delay / 16.0) + 0.2);
    }

    [Theory]
    [InlineData(150)]
    [InlineData(-150)]
    public void A_loudspeaker_on_another_clock_is_kept_step_with(int ppm)
    {
        var (following, stubborn) = (new FollowingFilter(followsClock: true), new FollowingFilter(followsClock: false));

        var with = Run(following.Process, () => following.Left, ppm, 16, (at, _) => at < 13 * 16_000 ? 0 : 1);
        var without = Run(stubborn.Process, () => stubborn.Left, ppm, 16, (at, _) => at < 13 * 16_000 ? 0 : 1);

        Assert.InRange(following.DriftPpm, ppm - 15, ppm + 15);
        Assert.True(with > without + 6, $"{with:0.0} dB with, {without:0.0} dB without");
        Assert.Equal(0, stubborn.DriftPpm);
    }

    [Fact]
    public void A_user_whom_nobody_has_noticed_makes_no_good_filter_a_bad_one()
    {
        var filter = new FollowingFilter(followsClock: false);
        var path = new EchoPath(filter, 16_000);
        var random = new Random(2);
        var before = 0f;
        Run(
            (captured, rendered) =>
            {
                Span<float> both = captured.ToArray();
                if (before > 0)
                {
                    foreach (ref var sample in both)
                        sample += 0.8f * ((float)random.NextDouble() - 0.5f);
                }

                filter.Process(both, rendered);
                path.Observe();
            },
            () => filter.Left, 0, 6, (at, _) =>
            {
                if (at == 5 * 16_000)
                    before = path.FilterGain;
                return 1;
            });
        Assert.True(before > 30, $"{before:0.0}");
        Assert.True(path.FilterGain > 0.7f * before, $"{path.FilterGain:0.0} after a second of a user, {before:0.0} before");
    }

    [Fact]
    public void On_one_clock_no_drift_is_seen()
    {
        var filter = new FollowingFilter(followsClock: true);
        Run(filter.Process, () => filter.Left, 0, 12, (_, _) => 1);
        Assert.Equal(0, filter.DriftPpm);
    }

    [Fact]
    public void Shortened_the_path_is_still_known()
    {
        var filter = new EchoFilter();
        float[] echo = new float[Frame], left = new float[Frame], late = new float[EchoFilter.Taps + Frame];
        var shortened = 0;
        var removed = Run(Process, () => left, 0, 6, (at, _) =>
        {
            if (at == 4 * 16_000)
                shortened += filter.TryShorten() ? 1 : 0;
            return at <= 4 * 16_000 || at > 4.5 * 16_000 ? 0 : 1;
        });

        Assert.Equal(1, shortened);
        Assert.True(removed > 18, $"{removed:0.0} dB in the half second after");
        Assert.InRange(filter.PathPeak[TensorPrimitives.IndexOfMax<float>(filter.PathEnergy)], Delay - EchoFilter.Taps, Delay - EchoFilter.Taps + 64);

        void Process(ReadOnlySpan<float> captured, ReadOnlySpan<float> rendered)
        {
            late.AsSpan(Frame).CopyTo(late);
            rendered.CopyTo(late.AsSpan(EchoFilter.Taps));
            filter.Process(captured, shortened > 0 ? late.AsSpan(0, Frame) : rendered, echo, left);
        }
    }

    [Fact]
    public void Reset_it_has_forgotten_the_room()
    {
        var filter = new FollowingFilter(followsClock: true);
        Run(filter.Process, () => filter.Left, 0, 2, (_, _) => 1);
        filter.Reset();
        float[] sound = [.. Enumerable.Repeat(0.3f, Frame)];
        filter.Process(sound, sound);
        Assert.All(filter.Echo.ToArray(), s => Assert.Equal(0, s, 1e-4f));
    }

    private delegate void Filtering(ReadOnlySpan<float> captured, ReadOnlySpan<float> rendered);

    private delegate ReadOnlySpan<float> Leaving();

    // Noise through the room, later and later by so many millionths; returns how many dB less is left of the frames that `weigh` counts.
    private static double Run(Filtering process, Leaving left, int ppm, int seconds, Func<int, float[], double> weigh, int delay = Delay)
    {
        var response = RoomResponse.Calculate(RoomResponse.Loudspeaker, 0.3, 16_000, normalise: true);
        var room = new FastConvolver(response, Frame);
        var random = new Random(1);
        float[] late = new float[Frame], captured = new float[Frame];
        const int Before = 4000;
        // Noise as dull as speech: a sum of neighbours.
        var noise = new float[Before + seconds * 16_000 + 64];
        for (var i = 0; i < noise.Length; i++)
            noise[i] = 0.1f * ((float)random.NextDouble() * 2 - 1) + (i == 0 ? 0 : 0.6f * noise[i - 1]);
        double before = 1e-9, after = 1e-9;
        for (var at = 0; at < seconds * 16_000; at += Frame)
        {
            for (var i = 0; i < Frame; i++)
            {
                var position = Before + at + i - delay - ppm * 1e-6 * (at + i);
                var whole = (int)position;
                late[i] = FractionalSample.At(noise.AsSpan(whole - FractionalSample.Before + 1, FractionalSample.Taps), (float)(position - whole));
            }

            room.Process(late, captured);
            for (var i = 0; i < Frame; i++)
                captured[i] = 0.5f * captured[i] + 1e-4f * (float)random.NextDouble();
            process(captured, noise.AsSpan(Before + at, Frame));
            var weight = weigh(at, captured);
            before += weight * TensorPrimitives.SumOfSquares(captured);
            after += weight * TensorPrimitives.SumOfSquares(left());
        }

        return 10 * Math.Log10(before / after);
    }
}
