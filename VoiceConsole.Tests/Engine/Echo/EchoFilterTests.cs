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
        var filter = new EchoFilter();
        var path = new EchoPath(filter, 16_000);
        Assert.Equal(0, path.Estimate().Confidence);
        var removed = Run(filter, 6, (at, captured, echo, left) =>
        {
            path.Observe(captured, echo, left);
            return at < 5 * 16_000 ? 0 : 1;
        });
        Assert.True(removed > 20, $"{removed:0.0} dB");
        var estimate = path.Estimate();
        Assert.InRange(estimate.DelayMs, 98, 104);
        Assert.InRange(estimate.ReturnLossDb, 5, 7);
        Assert.InRange(estimate.FilterErleDb, 18, 40);
        Assert.InRange(estimate.Confidence, 0.9, 1);
    }

    [Fact]
    public void Reset_it_has_forgotten_the_room()
    {
        var filter = new EchoFilter();
        Run(filter, 2, (_, _, _, _) => 1);
        filter.Reset();
        var echo = new float[Frame];
        var left = new float[Frame];
        float[] sound = [.. Enumerable.Repeat(0.3f, Frame)];
        filter.Process(sound, sound, echo, left);
        Assert.All(echo, s => Assert.Equal(0, s, 1e-4f));
    }

    // Noise through the room; returns how many dB less is left of the frames that `weigh` counts.
    private static double Run(EchoFilter filter, int seconds, Func<int, float[], float[], float[], double> weigh)
    {
        var response = RoomResponse.Calculate(RoomResponse.Loudspeaker, 0.3, 16_000, normalise: true);
        var room = new FastConvolver(response, Frame);
        var random = new Random(1);
        float[] rendered = new float[Frame], late = new float[Frame], captured = new float[Frame], echo = new float[Frame], left = new float[Frame];
        var line = new Queue<float>(new float[Delay]);
        double before = 1e-9, after = 1e-9;
        for (var at = 0; at < seconds * 16_000; at += Frame)
        {
            for (var i = 0; i < Frame; i++)
            {
                line.Enqueue(rendered[i] = 0.2f * ((float)random.NextDouble() * 2 - 1));
                late[i] = line.Dequeue();
            }

            room.Process(late, captured);
            for (var i = 0; i < Frame; i++)
                captured[i] = 0.5f * captured[i] + 1e-4f * (float)random.NextDouble();
            filter.Process(captured, rendered, echo, left);
            var weight = weigh(at, captured, echo, left);
            before += weight * TensorPrimitives.SumOfSquares(captured);
            after += weight * TensorPrimitives.SumOfSquares(left);
        }

        return 10 * Math.Log10(before / after);
    }
}
