using System.Collections.Immutable;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Engine.Telemetry;

namespace VoiceConsole.Web.Live;

/// <summary>What the page shows of a conversation at one moment. Immutable.</summary>
public sealed record LiveSnapshot
{
    public static readonly LiveSnapshot Empty = new();

    /// <summary>The first event, which names the engines; null before it came.</summary>
    public ConversationStarted? Started { get; init; }

    /// <summary>What the recogniser makes of the speech that is going on.</summary>
    public string Partial { get; init; } = "";

    /// <summary>The newest turns, oldest first; bounded.</summary>
    public ImmutableList<LiveMessage> Messages { get; init; } = [];

    /// <summary>Where the time of the last turn with an audible reply went.</summary>
    public TurnTimeline? LastTimeline { get; init; }

    /// <summary>The newest verdicts, oldest first; bounded.</summary>
    public ImmutableList<VerdictReached> Verdicts { get; init; } = [];

    /// <summary>Whether the console listens while it speaks, and why, as it was told last; null while nothing was.</summary>
    public HalfDuplexChanged? HalfDuplex { get; init; }

    /// <summary>The way of the echo after the last reply; null while none was played.</summary>
    public EchoPathMeasured? Path { get; init; }

    /// <summary>The device's last change; null while there was none.</summary>
    public DeviceChanged? Device { get; init; }

    /// <summary>What works worse than it should, each once.</summary>
    public ImmutableList<LiveProblem> Degraded { get; init; } = [];

    /// <summary>Why the conversation ended; null while it goes on.</summary>
    public string? EndReason { get; init; }

    /// <summary>Events that the page never saw because it lagged.</summary>
    public long Lost { get; init; }
}

/// <summary>One turn as a person sees it.</summary>
public sealed record LiveMessage(TurnId Turn)
{
    public string User { get; init; } = "";

    public bool Typed { get; init; }

    /// <summary>The reply as far as it has been written.</summary>
    public string Reply { get; init; } = "";

    /// <summary>Characters of <see cref="Reply"/> that were really heard, from its start.</summary>
    public int HeardEnd { get; init; }

    /// <summary>Where in <see cref="Reply"/> the word stands that is being spoken, and its length; null while none is.</summary>
    public (int Start, int Length)? Word { get; init; }

    public bool Interrupted { get; init; }

    /// <summary>"answered", "interrupted", "dropped" or "failed"; null while the turn goes on.</summary>
    public string? Outcome { get; init; }

    /// <summary>Why there was no reply.</summary>
    public string? DroppedBecause { get; init; }

    public LiveProblem? Failure { get; init; }

    /// <summary>The part that was heard.</summary>
    public string Heard => Reply[..Math.Clamp(HeardEnd, 0, Reply.Length)];

    /// <summary>The part that was not heard, or not yet.</summary>
    public string Unheard => Reply[Math.Clamp(HeardEnd, 0, Reply.Length)..];
}

/// <summary>Something that went wrong, and what to do about it.</summary>
/// <param name="What">One sentence.</param>
/// <param name="Remedy">What to do; may be empty.</param>
public sealed record LiveProblem(string What, string Remedy);
