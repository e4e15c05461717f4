using System.Net;
using System.Net.Http.Headers;

namespace VoiceConsole.Engine.Models.Sources;

/// <summary>
/// Fetches files from model hubs and mirrors; takes up broken downloads where they broke off, as long as the server still has
/// the same file.
/// </summary>
/// <param name="client">Without a time-out of its own.</param>
/// <param name="time">For stalls.</param>
internal sealed class HttpsSource(HttpClient client, TimeProvider time) : IPartSource
{
    /// <summary>A server that sends nothing for so long has stalled.</summary>
    public static readonly TimeSpan Stall = TimeSpan.FromSeconds(30);

    private const int Attempts = 5;

    // A guessed size is off by some, but not by this.
    private const int MostOfAGuess = 3;

    public async Task<IReadOnlyList<FetchedArchive>> FetchAsync(CatalogPart part, string folder, Action<long> fetched, CancellationToken cancellationToken)
    {
        var archives = new List<FetchedArchive>();
        foreach (var archive in part.Archives)
        {
            var file = Path.Combine(folder, Path.GetFileName(new Uri(archive.Package).LocalPath));
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    var before = part.Archives.Take(archives.Count).Sum(a => a.Size);
                    await DownloadAsync(archive, file, bytes => fetched(before + bytes), cancellationToken);
                    break;
                }
                catch (Exception error) when (error is HttpRequestException or IOException or TimeoutException && !DiskSpace.IsFull(error) && !cancellationToken.IsCancellationRequested)
                {
                    // A lasting refusal is not asked again; a line that breaks is, a few times.
                    if (attempt == Attempts || error is HttpRequestException { StatusCode: not null })
                        throw new ModelUnavailableException($"{part.Name} could not be fetched from {new Uri(archive.Package).Host}: {error.Message}", "Check the network and try again with 'models pull': what has come stays and is taken up again.", error);
                }
            }

            archives.Add(new FetchedArchive(file, archive.Version, archive.Sha256));
        }

        return archives;
    }

    private async Task DownloadAsync(PartArchive archive, string file, Action<long> fetched, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // Without a hash the size is a guess as well: the server says when it is over, and what a broken line left is begun anew.
        var isKnown = archive.Sha256.Length > 0;
        await using var output = new FileStream(file, isKnown ? FileMode.OpenOrCreate : FileMode.Create, FileAccess.Write, FileShare.Read);
        if (isKnown && output.Length >= archive.Size)
        {
            // Complete already, or too long to be right: the hash will tell; too long starts anew.
            if (output.Length == archive.Size)
                return;
            output.SetLength(0);
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, archive.Package);
        if (output.Length > 0)
        {
            request.Headers.Range = new RangeHeaderValue(output.Length, null);
            request.Headers.IfRange = FileVersion.Read(file);
        }

        using var response = await OrStall(client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop.Token));
        response.EnsureSuccessStatusCode();
        var isPiece = response.StatusCode == HttpStatusCode.PartialContent;
        if (isPiece && response.Content.Headers.ContentRange?.From != output.Length)
            throw new HttpRequestException("The server sent another piece of the file than it was asked for.", null, response.StatusCode);
        if (!isPiece)
        {
            // The first time, or a server that does not know ranges, or one that has another file by now.
            output.SetLength(0);
            await FileVersion.WriteAsync(file, response, cancellationToken);
        }

        output.Seek(0, SeekOrigin.End);
        await using var input = await response.Content.ReadAsStreamAsync(stop.Token);
        var buffer = new byte[128 * 1024];
        int count;
        while ((count = await OrStall(input.ReadAsync(buffer, stop.Token).AsTask())) > 0)
        {
            await output.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            fetched(output.Length);
            if (isKnown ? output.Length > archive.Size : output.Length > archive.Size * MostOfAGuess)
                throw new HttpRequestException("The server sends more than the catalogue says there is.", null, response.StatusCode);
        }

        if (output.Length < (isKnown ? archive.Size : response.Content.Headers.ContentLength ?? 1))
            throw new IOException($"The line broke after {output.Length:N0} of {archive.Size:N0} bytes.");

        async Task<T> OrStall<T>(Task<T> step)
        {
            try
            {
                return await step.WaitAsync(Stall, time, cancellationToken);
            }
            catch (TimeoutException)
            {
                await stop.CancelAsync();
                throw new TimeoutException($"The server sent nothing for {Stall.TotalSeconds:0} s.");
            }
        }
    }
}
