using System.Net;
using System.Net.Http.Headers;
using CsCheck;
using Microsoft.Extensions.DependencyInjection;
using VoiceConsole.Engine.Audio;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Data;

namespace VoiceConsole.Tests.Data;

public sealed class SoundTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Peaks_OfATrack_ShowTheLoudPartWhereItIs_AndSilenceBeyondTheEnd()
    {
        var samples = new float[16_000];
        samples[8000] = 0.5f;
        samples[8001] = -0.25f;
        WavWriter.WriteAll(_folder / "a.wav", samples, 16_000);
        var peaks = WaveformPeaks.Read(_folder / "a.wav");

        Assert.Equal((1.0, 16_000L), (peaks.Seconds, peaks.Samples));
        Assert.Equal(0.5, peaks.Loudest, 0.01);
        var outline = peaks.Between(0, 2, 20);
        Assert.Equal([5], outline.Index().Where(o => o.Item.High > 0).Select(o => o.Index));
        Assert.Equal((-0.25, 0.5), (outline[5].Low, outline[5].High), (a, b) => Math.Abs(a.Item1 - b.Item1) < 0.02 && Math.Abs(a.Item2 - b.Item2) < 0.02);
    }

    [Fact]
    public void Outline_LookedAtAgain_IsNotReadAgain_UntilItsFileChanges_AndTheOneThatWasLookedAtLongestAgoGivesWay()
    {
        List<string> read = [];
        foreach (var track in (string[])["a", "b", "c"])
            WavWriter.WriteAll(_folder / track, new float[80 * 10], 16_000);
        // Each has ten peaks, of two bytes.
        var cache = new WaveformCache((path, cancelled) => WaveformPeaks.Read(Noted(path), cancelled), mostBytes: 40);
        string Noted(string path)
        {
            read.Add(Path.GetFileName(path));
            return path;
        }

        Assert.Equal(Read("a").Samples, Read("a").Samples);
        Read("b");
        Read("a");
        Assert.Equal(["a", "b"], read);
        Read("c");
        Read("a");
        Read("b");
        Assert.Equal(["a", "b", "c", "b"], read);

        WavWriter.WriteAll(_folder / "b", new float[80 * 5], 16_000);
        Assert.Equal(400, Read("b").Samples);
        Read("b");
        Assert.Equal(["a", "b", "c", "b", "b"], read);

        WaveformPeaks Read(string track) => cache.Read(_folder / track, CancellationToken.None);
    }

    [Fact]
    public void Peaks_AtAnyZoom_ContainEveryPeakOnce() => Gen.Select(Gen.Float[-1, 1].Array[1, 3000], Gen.Int[1, 50]).Sample((samples, columns) =>
    {
        using var folder = new TempFolder();
        WavWriter.WriteAll(folder / "a.wav", samples, 8000);
        var peaks = WaveformPeaks.Read(folder / "a.wav");
        var outline = peaks.Between(0, peaks.Seconds + 0.1, columns);
        Assert.Equal(peaks.Loudest, outline.Max(o => Math.Max(-o.Low, o.High)), 1e-6f);
    }, iter: 30);

    [Fact]
    public void Mix_ReadInAnyPieces_IsTheSumOfTheTracks()
    {
        WavWriter.WriteAll(_folder / "a.wav", [0.5f, 0.5f, -0.5f, 0.9f], 16_000);
        WavWriter.WriteAll(_folder / "b.wav", [0.25f, -0.5f, -0.25f, 0.9f, 0.1f], 16_000);
        using var whole = new MixedTracks([_folder / "a.wav", _folder / "b.wav"]);
        var bytes = new byte[whole.Length];
        whole.ReadExactly(bytes);
        File.WriteAllBytes(_folder / "mix.wav", bytes);
        using (var reader = new WavReader(_folder / "mix.wav"))
        {
            var samples = new float[9];
            Assert.Equal(5, reader.Read(samples));
            Assert.Equal([0.75f, 0, -0.75f, 1, 0.1f], samples[..5], (a, b) => Math.Abs(a - b) < 0.001);
        }

        Gen.Select(Gen.Int[0, bytes.Length], Gen.Int[1, 60]).Sample((start, count) =>
        {
            using var mix = new MixedTracks([_folder / "a.wav", _folder / "b.wav"]) { Position = start };
            var piece = new byte[count];
            var read = mix.ReadAtLeast(piece, count, throwOnEndOfStream: false);
            Assert.Equal(bytes.Skip(start).Take(count), piece.Take(read));
        });
    }

    [Fact]
    public async Task Recording_IsServedInRangesToWhoHoldsATicketOnly()
    {
        await using var console = await StoredConsole.StartAsync();
        var folder = Directory.CreateDirectory(Path.Combine(console.Paths.Data, "recordings", "one")).FullName;
        WavWriter.WriteAll(Path.Combine(folder, TrackRecorder.Microphone), new float[1000], 16_000);
        var tickets = console.Services.GetRequiredService<RecordingTickets>();
        var (http, browser) = await console.BrowseAsync();
        using var own = http;
        var ticket = tickets.Issue(folder, browser);

        using var part = await GetAsync(RecordingTickets.Address(ticket, ["microphone", "loopback"]), new RangeHeaderValue(44, 143));
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal((100, 2044), ((int)part.Content.Headers.ContentLength!, (int)part.Content.Headers.ContentRange!.Length!));
        Assert.True(part.Headers.CacheControl!.NoStore);
        foreach (var wrong in (string[])[$"recordings/{ticket}?tracks=../../voiceconsole.db", $"recordings/{ticket}?tracks=processed", $"recordings/{ticket}", $"recordings/{new string('0', 32)}?tracks=microphone"])
        {
            using var refused = await GetAsync(wrong, null);
            Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
        }

        // The ticket alone is worth nothing: neither without a browser's cookie nor with another's.
        var (other, _) = await console.BrowseAsync();
        using var stranger = new HttpClient { BaseAddress = http.BaseAddress };
        foreach (var client in new[] { other, stranger })
        {
            using var refused = await client.GetAsync(RecordingTickets.Address(ticket, ["microphone"]));
            Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
        }

        other.Dispose();
        tickets.Withdraw(ticket);
        using var late = await GetAsync(RecordingTickets.Address(ticket, ["microphone"]), null);
        Assert.Equal(HttpStatusCode.NotFound, late.StatusCode);

        Task<HttpResponseMessage> GetAsync(string address, RangeHeaderValue? range) =>
            http.SendAsync(new HttpRequestMessage(HttpMethod.Get, address) { Headers = { Range = range } });
    }
}
