using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace VoiceConsole.Engine.Conversation;

internal enum TurnPhase
{
    /// <summary>The user speaks.</summary>
    Speech,

    /// <summary>The final transcript is being made.</summary>
    Recognition,

    /// <summary>The words are known; the history is made ready for them.</summary>
    Thinking,

    /// <summary>The model has the prompt; what it writes is played.</summary>
    Reply,
}

/// <summary>One turn of the conversation: what the user said and what came of it. Belongs to the loop.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A cancellation source without timer or wait handle holds nothing that needs freeing, and a late engine may still ask its token.")]
internal sealed class Turn(TurnId id, Turn? previous, TurnEngines engines)
{
    private readonly CancellationTokenSource _cancellation = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _played = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TurnId Id { get; } = id;

    /// <summary>What served when the turn began, and serves it to its end.</summary>
    public TurnEngines Engines { get; } = engines;

    /// <summary>Ends when the turn before has been written into the history.</summary>
    public Task Before { get; } = previous?.Ended ?? Task.CompletedTask;

    public CancellationToken Token => _cancellation.Token;

    public bool IsCancelled => _cancellation.IsCancellationRequested;

    public TurnPhase Phase { get; set; }

    public SpeechSegment? Speech { get; set; }

    /// <summary>All that was to be said, in order.</summary>
    public StringBuilder ReplyText { get; } = new();

    /// <summary>Its part that was heard ends here.</summary>
    public int HeardEnd { get; set; }

    /// <summary>Position at which the device was given the reply's first sample.</summary>
    public long? HandedOver { get; set; }

    /// <summary>The first audible sample of the reply has left the device.</summary>
    public bool IsAudible { get; set; }

    /// <summary>The user's words are in the history.</summary>
    public bool IsAsked { get; set; }

    /// <summary>"speech", "text" or "button", and where on the clock it was decided.</summary>
    public (string By, long Position)? Interruption { get; set; }

    public bool HasFailed { get; set; }

    public string? DropReason { get; set; }

    public string Heard => ReplyText.ToString(0, Math.Min(HeardEnd, ReplyText.Length)).Trim();

    /// <summary>Completes when the device has rendered the last sample of the reply; cancelled with the turn. To be awaited as it is: WaitAsync would leave the loop.</summary>
    public Task Played => _played.Task;

    /// <summary>Completes when the turn is over and in the history.</summary>
    public Task Ended => _ended.Task;

    public void Cancel()
    {
        _cancellation.Cancel();
        _played.TrySetCanceled(_cancellation.Token);
    }

    public void SetPlayed() => _played.TrySetResult();

    /// <summary>True for the first caller only.</summary>
    public bool TryEnd() => _ended.TrySetResult();
}
