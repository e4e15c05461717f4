using System.Runtime.CompilerServices;

namespace VoiceConsole.Engine.Speech;

/// <summary>
/// A recogniser whose model reads whole utterances only: while one arrives it is read again and again, and what two readings agree on
/// is shown; the final words come from reading all of it once more.
/// </summary>
/// <param name="language">What is spoken, where the model does not tell: "en" or "zh".</param>
/// <param name="work">Where it is read.</param>
public abstract class RereadingRecognizer(string language, TaskScheduler work) : ISpeechRecognizer, IBareRecognizer
{
    // New sound before it is read again.
    private const int NewSound = 16_000;

    // A tenth of a second is no word.
    private const int Shortest = 1_600;

    // What is longer is read at its end only: each reading would take as long as a turn.
    private const int PartialLongest = 20 * 16_000;

    private readonly SemaphoreSlim _one = new(1, 1);
    private int _disposed;

    public abstract string Id { get; }

    public abstract IReadOnlyList<string> Languages { get; }

    /// <summary>How often sound was read since it was loaded.</summary>
    internal int Readings { get; private set; }

    public async IAsyncEnumerable<Transcript> RecognizeAsync(ISpeechSource speech, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(speech);
        await _one.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) == 1, this);
            var samples = new List<float>();
            var stable = new StablePrefix();
            var (read, shown) = (0, "");
            var block = new float[NewSound / 10];
            while (true)
            {
                var next = speech.ReadAsync(block, cancellationToken);
                // Only when nothing more has come meanwhile, so that a slow machine does not fall behind.
                if (!next.IsCompleted && samples.Count - read >= NewSound && samples.Count <= PartialLongest)
                {
                    read = samples.Count;
                    var partial = stable.Add((await ReadAsync(samples, isWhole: false, cancellationToken)).Text);
                    if (partial.Length > 0 && partial != shown)
                        yield return new Transcript(shown = partial, false, language);
                }

                var count = await next;
                if (count == 0)
                    break;
                samples.AddRange(block.AsSpan(0, count));
            }

            yield return await ReadAsync(samples, isWhole: true, cancellationToken);
        }
        finally
        {
            _one.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
            return;
        await _one.WaitAsync();
        Free();
        _one.Dispose();
        GC.SuppressFinalize(this);
    }

    string IBareRecognizer.Hear(float[] samples) => Read(samples, isWhole: true, CancellationToken.None).Text;

    /// <summary>Reads sound that is not silent; blocks.</summary>
    /// <param name="samples">16 kHz mono.</param>
    /// <param name="isWhole">The utterance is over; else it is still being spoken.</param>
    /// <param name="cancellationToken">May leave it unread.</param>
    /// <returns>A final transcript.</returns>
    protected abstract Transcript Read(float[] samples, bool isWhole, CancellationToken cancellationToken);

    /// <summary>Frees the model; nothing is being read.</summary>
    protected abstract void Free();

    private async Task<Transcript> ReadAsync(List<float> samples, bool isWhole, CancellationToken cancellationToken)
    {
        var sound = samples.ToArray();
        if (sound.Length < Shortest || HeardWords.IsSilent(sound))
            return new Transcript("", true, language);
        Readings++;
        var transcript = await Task.Factory.StartNew(() => Read(sound, isWhole, cancellationToken), cancellationToken, TaskCreationOptions.DenyChildAttach, work);
        cancellationToken.ThrowIfCancellationRequested();
        return transcript;
    }
}
