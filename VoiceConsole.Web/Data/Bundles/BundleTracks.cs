using System.IO.Compression;
using VoiceConsole.Engine.Audio;

namespace VoiceConsole.Web.Data;

/// <summary>Takes a bundle's sound: decoded and written anew, so that what is kept is what the console itself writes.</summary>
internal static class BundleTracks
{
    // A track may go on a little after the last event.
    private const int SpareSeconds = 60;
    private const int MostBytesASample = 4;
    private const int HeaderBytes = 64 * 1024;

    /// <param name="path">Of the new track.</param>
    /// <param name="facts">How long the conversation is, and at what rate.</param>
    /// <param name="room">Bytes that it and what is made of it may take.</param>
    /// <exception cref="BundleException">It is longer than the conversation, of another rate, or no sound.</exception>
    public static async Task TakeAsync(ZipArchiveEntry entry, string path, BundleFacts facts, long room, CancellationToken cancellationToken)
    {
        var rate = facts.Started!.SampleRate;
        var most = facts.LastPosition + SpareSeconds * (long)rate;
        var raw = path + ".raw";
        // Once as it is in the bundle, and once written anew.
        if (Math.Min(entry.Length, most * MostBytesASample) > room / 2)
            throw new BundleException($"{entry.FullName} unpacks to {entry.Length / 1e9:0.0} GB, for which there is no room. Nothing was imported: free some space in the data folder.");
        await using (var from = new LimitedStream(await entry.OpenAsync(cancellationToken), Math.Min(most * MostBytesASample + HeaderBytes, room / 2), entry.FullName))
        await using (var to = File.Create(raw))
            await from.CopyToAsync(to, cancellationToken);
        try
        {
            using var reader = new WavReader(File.OpenRead(raw), entry.FullName);
            if (reader.SampleRate != rate)
                throw new BundleException($"{entry.FullName} has {reader.SampleRate:N0} samples a second and the conversation {rate:N0}: they cannot lie on one clock. Nothing was imported.");
            if (reader.Samples > most)
                throw new BundleException($"{entry.FullName} is longer than the conversation by more than a minute. Nothing was imported.");
            using var writer = new WavWriter(path, rate);
            var block = new float[16_384];
            for (int read; (read = reader.Read(block)) > 0;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                writer.Write(block.AsSpan(0, read));
            }
        }
        catch (InvalidDataException error)
        {
            throw new BundleException($"{error.Message} Nothing was imported.", error);
        }
        finally
        {
            File.Delete(raw);
        }
    }
}
