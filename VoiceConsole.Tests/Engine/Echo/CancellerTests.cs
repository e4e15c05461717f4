using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Echo;
using VoiceConsole.Engine.Echo.Speex;
using VoiceConsole.Engine.Echo.WebRtc;
using VoiceConsole.Tests.Support;

namespace VoiceConsole.Tests.Engine.Echo;

public class CancellerTests
{
    private const string FarEnd = "aec/9mkQhVtzTEy2hDk-6u2Sww_farend_singletalk";
    private const string NearEnd = "aec/DLhjtuwiEkS-68TsUVvW5g_nearend_singletalk";
    private const int Frame = 160;

    [Theory]
    [InlineData("webrtc", 25)]
    [InlineData("speex", 4)]
    public async Task Console_speaks_in_a_real_room_Its_echo_is_removed(string id, double decibels)
    {
        var (microphone, loudspeaker) = Read(FarEnd);
        using var canceller = await CreateAsync(id);
        var cleaned = Run(canceller, microphone, loudspeaker);
        var half = cleaned.Length / 2;
        var attenuation = Decibels(microphone.AsSpan(half, half)) - Decibels(cleaned.AsSpan(half, half));
        TestContext.Current.TestOutputHelper?.WriteLine($"{id}: {attenuation:0.0} dB");
        Assert.True(attenuation >= decibels, $"{id} removed {attenuation:0.0} dB");
    }

    [Theory]
    [InlineData("none")]
    [InlineData("webrtc")]
    [InlineData("speex")]
    public async Task User_speaks_alone_His_speech_stays(string id)
    {
        var (microphone, loudspeaker) = Read(NearEnd);
        using var canceller = await CreateAsync(id);
        var cleaned = Run(canceller, microphone, loudspeaker);
        var change = Decibels(cleaned) - Decibels(microphone);
        TestContext.Current.TestOutputHelper?.WriteLine($"{id}: {change:0.00} dB");
        Assert.InRange(change, -3, 3);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("webrtc")]
    [InlineData("speex")]
    public async Task User_speaks_alone_The_sound_is_late_by_what_the_canceller_says(string id)
    {
        var (microphone, _) = Read(NearEnd);
        using var canceller = await CreateAsync(id);
        var cleaned = Run(canceller, microphone, new float[microphone.Length]);
        var best = Enumerable.Range(0, 400).MaxBy(lag => Correlation(microphone, cleaned, lag));
        Assert.InRange(best, canceller.DelaySamples - 2, canceller.DelaySamples + 2);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("webrtc")]
    [InlineData("speex")]
    public async Task Frames_are_processed_Nothing_is_allocated(string id)
    {
        var (microphone, loudspeaker) = Read(FarEnd);
        using var canceller = await CreateAsync(id);
        var cleaned = new float[microphone.Length];
        // Long enough for the runtime to have compiled anew what runs often.
        Process(canceller, microphone, loudspeaker, cleaned, 0, 600);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Process(canceller, microphone, loudspeaker, cleaned, 600, 800);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("webrtc")]
    [InlineData("speex")]
    public async Task Reset_after_some_sound_It_does_the_same_as_a_new_one(string id)
    {
        var (microphone, loudspeaker) = Read(FarEnd);
        (microphone, loudspeaker) = (microphone[..32_000], loudspeaker[..32_000]);
        using var canceller = await CreateAsync(id);
        var first = Run(canceller, microphone, loudspeaker);
        canceller.Reset();
        var second = Run(canceller, microphone, loudspeaker);
        Assert.Equal(Decibels(first), Decibels(second), 0.5);
        Assert.InRange(Correlation(first, second, 0), 0.99, 1.01);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("webrtc")]
    [InlineData("speex")]
    public async Task Cleaned_into_the_memory_of_the_microphone_The_result_is_the_same(string id)
    {
        var (microphone, loudspeaker) = Read(FarEnd);
        using var apart = await CreateAsync(id);
        using var inPlace = await CreateAsync(id);
        var expected = Run(apart, microphone, loudspeaker);
        var samples = microphone.ToArray();
        Process(inPlace, samples, loudspeaker, samples, 0, samples.Length / Frame);
        Assert.Equal(expected, samples);
    }

    [Theory]
    [InlineData("webrtc", 0)]
    [InlineData("webrtc", 159)]
    [InlineData("speex", 161)]
    public async Task Frame_of_another_length_It_is_refused(string id, int length)
    {
        using var canceller = await CreateAsync(id);
        Assert.Throws<ArgumentOutOfRangeException>(() => canceller.Process(new float[length], new float[Frame], new float[Frame]));
    }

    [Theory]
    [InlineData("webrtc")]
    [InlineData("speex")]
    public async Task Disposed_twice_and_used_It_says_so(string id)
    {
        var canceller = await CreateAsync(id);
        canceller.Dispose();
        canceller.Dispose();
        Assert.Throws<ObjectDisposedException>(() => canceller.Process(new float[Frame], new float[Frame], new float[Frame]));
        Assert.Throws<ObjectDisposedException>(canceller.Reset);
    }

    private static async Task<IEchoCanceller> CreateAsync(string id) => id switch
    {
        "webrtc" => new WebRtcCanceller(await Parts.FoldersAsync(id)),
        "speex" => new SpeexCanceller(await Parts.FoldersAsync(id)),
        _ => new NoCanceller(),
    };

    private static (float[] Microphone, float[] Loudspeaker) Read(string name)
    {
        var microphone = WavReader.ReadAll(TestData.Require(name + "_mic.wav"), 16_000);
        var loudspeaker = WavReader.ReadAll(TestData.Require(name + "_lpb.wav"), 16_000);
        var length = Math.Min(microphone.Length, loudspeaker.Length) / Frame * Frame;
        return (microphone[..length], loudspeaker[..length]);
    }

    private static float[] Run(IEchoCanceller canceller, float[] microphone, float[] loudspeaker)
    {
        var cleaned = new float[microphone.Length];
        Process(canceller, microphone, loudspeaker, cleaned, 0, microphone.Length / Frame);
        return cleaned;
    }

    private static void Process(IEchoCanceller canceller, float[] microphone, float[] loudspeaker, float[] cleaned, int from, int to)
    {
        for (var at = from * Frame; at < to * Frame; at += Frame)
            canceller.Process(microphone.AsSpan(at, Frame), loudspeaker.AsSpan(at, Frame), cleaned.AsSpan(at, Frame));
    }

    private static double Decibels(ReadOnlySpan<float> samples)
    {
        var sum = 1e-12;
        foreach (var sample in samples)
            sum += (double)sample * sample;
        return 10 * Math.Log10(sum / samples.Length);
    }

    private static double Correlation(float[] early, float[] late, int lag)
    {
        double product = 0, first = 1e-12, second = 1e-12;
        for (var i = 0; i + lag < late.Length; i++)
        {
            product += early[i] * late[i + lag];
            first += early[i] * early[i];
            second += late[i + lag] * late[i + lag];
        }

        return product / Math.Sqrt(first * second);
    }
}
