using System.Threading.Tasks.Sources;
using VoiceConsole.Engine.Speech;

namespace VoiceConsole.Engine.Conversation;

/// <summary>
/// One utterance in the <see cref="AudioHistory"/>, from its pre-roll on, read while the user still speaks. Belongs to the
/// loop; one reader; waiting for sound allocates nothing.
/// </summary>
internal sealed class SpeechSegment(AudioHistory history, long start) : ISpeechSource, IValueTaskSource<int>
{
    // Posted as it is: a delegate made for every frame would be garbage on the loop.
    private static readonly SendOrPostCallback s_answer = static self => ((SpeechSegment)self!).Answer();

    private ManualResetValueTaskSourceCore<int> _wait;
    private SynchronizationContext? _reader;
    private (int Count, Exception? Error) _answer;
    private Memory<float> _destination;
    private CancellationTokenRegistration _cancellation;
    private long _position = start;
    private bool _waiting;

    /// <summary>First sample, pre-roll included.</summary>
    public long Start { get; } = start;

    /// <summary>Sample after the last; <see cref="long.MaxValue"/> while the user speaks.</summary>
    public long End { get; private set; } = long.MaxValue;

    /// <summary>The utterance is over; the reader gets what is left and then the end.</summary>
    public void Complete(long end)
    {
        End = Math.Max(Start, end);
        Advance();
    }

    /// <summary>Gives the reader what has come in. Called after each frame while the utterance is open.</summary>
    public void Advance()
    {
        if (!_waiting)
            return;
        var count = history.Read(ref _position, End, _destination.Span);
        // The recogniser works in blocks; a call for every frame would only be in its way.
        if (count == 0 && _position < End)
            return;
        Release(count, null);
    }

    public ValueTask<int> ReadAsync(Memory<float> destination, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_waiting)
            throw new InvalidOperationException("An utterance has one reader.");
        var count = history.Read(ref _position, End, destination.Span);
        if (count > 0 || _position >= End || destination.IsEmpty)
            return new ValueTask<int>(count);
        _wait.Reset();
        _destination = destination;
        _reader = SynchronizationContext.Current;
        _waiting = true;
        _cancellation = cancellationToken.UnsafeRegister(
            static (self, token) => ((SpeechSegment)self!).Release(0, new OperationCanceledException(token)), this);
        return new ValueTask<int>(this, _wait.Version);
    }

    private void Release(int count, Exception? error)
    {
        if (!_waiting)
            return;
        _waiting = false;
        _cancellation.Unregister();
        _answer = (count, error);
        if (_reader is null)
            Answer();
        else
            _reader.Post(s_answer, this);
    }

    private void Answer()
    {
        if (_answer.Error is { } error)
            _wait.SetException(error);
        else
            _wait.SetResult(_answer.Count);
    }

    int IValueTaskSource<int>.GetResult(short token) => _wait.GetResult(token);
    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _wait.GetStatus(token);
    // The answer comes where the reader belongs; posting it there once more would be in vain.
    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _wait.OnCompleted(continuation, state, token, flags & ~ValueTaskSourceOnCompletedFlags.UseSchedulingContext);
}
