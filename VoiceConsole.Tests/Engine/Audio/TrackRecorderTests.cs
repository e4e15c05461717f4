using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Tests.Support;

namespace VoiceConsole.Tests.Engine.Audio;

/// <summary>A recording that the disk refuses: the conversation goes on, says so once, and the tracks stay true.</summary>
public class TrackRecorderTests
{
    private static readonly string[] s_tracks = [TrackRecorder.Microphone, TrackRecorder.Loopback, TrackRecorder.Processed];

    [Fact]
    public async Task DiskFullInMidConversation_TurnIsAnswered_AndTracksPlayToWhereTheyStopped()
    {
        using var disk = SmallDisk.Require(kilobytes: 300);

        var failure = await TalkAsync(Path.Combine(disk.Path, "tracks"));

        Assert.Contains("stopped", failure.Error, StringComparison.Ordinal);
        Assert.Contains("space", failure.Remedy, StringComparison.Ordinal);
        foreach (var track in s_tracks)
        {
            var bytes = await File.ReadAllBytesAsync(Path.Combine(disk.Path, "tracks", track));
            Assert.Equal(bytes.Length - 44, BitConverter.ToInt32(bytes, 40));
            Assert.Equal(bytes.Length - 8, BitConverter.ToInt32(bytes, 4));
            using var reader = new WavReader(Path.Combine(disk.Path, "tracks", track));
            Assert.InRange(reader.Samples, 16_000, 150_000);
        }
    }

    [Fact]
    public async Task DiskFullBeforeTheConversation_TurnIsAnswered()
    {
        using var disk = SmallDisk.Require(kilobytes: 300);
        disk.Fill();

        Assert.Contains("could not be begun", (await TalkAsync(Path.Combine(disk.Path, "tracks"))).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TrackThatIsAFullDevice_TurnIsAnswered()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "there is no /dev/full");
        using var folder = new TempFolder();
        File.CreateSymbolicLink(folder / TrackRecorder.Loopback, "/dev/full");

        Assert.Contains("could not be begun", (await TalkAsync(folder.Path)).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FolderThatIsAFile_TurnIsAnswered()
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder / "tracks", "");

        Assert.Contains("could not be begun", (await TalkAsync(folder / "tracks")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void WriteThatAFullDiskRefuses_FileClosesWithATrueHeader()
    {
        using var disk = SmallDisk.Require(kilobytes: 64);
        var path = Path.Combine(disk.Path, "track.wav");
        var writer = new WavWriter(path, 16_000);
        var refusal = Record.Exception(() =>
        {
            // Blocks so small that a buffer would take them.
            for (var i = 0; i < 1000; i++)
                writer.Write(new float[100]);
        });

        writer.Dispose();

        Assert.IsType<IOException>(refusal);
        using var reader = new WavReader(path);
        Assert.Equal((new FileInfo(path).Length, 44 + writer.Samples * 2), (44 + reader.Samples * 2, new FileInfo(path).Length));
    }

    // One turn; what was said of the recording.
    private static async Task<TurnFailed> TalkAsync(string recording)
    {
        await using var talk = new SimulatedConversation(["hello there"], ["Good morning to you. It is a fine day."], folder: recording);
        talk.Room.Speak(Tones.Of(TimeSpan.FromSeconds(1)), TimeSpan.FromSeconds(1));

        var events = await talk.RunAsync();

        Assert.Equal("answered", events.OfType<TurnCompleted>().Single().Outcome);
        Assert.IsType<ConversationEnded>(events[^1]);
        var failure = Assert.Single(events.OfType<TurnFailed>());
        Assert.Equal((TurnId.None, "recorder"), (failure.Turn, failure.Stage));
        return failure;
    }
}
