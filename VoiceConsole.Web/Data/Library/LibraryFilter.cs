namespace VoiceConsole.Web.Data;

/// <summary>Which conversations are wanted; what is null or empty does not matter.</summary>
public sealed record LibraryFilter
{
    /// <summary>As <see cref="WordIndex.Query"/> reads it.</summary>
    public string Text { get; init; } = "";

    /// <summary>The first moment, inclusive.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>The last moment, exclusive.</summary>
    public DateTimeOffset? Until { get; init; }

    public string? Model { get; init; }

    public string? Tag { get; init; }

    /// <summary>A reply was cut off.</summary>
    public bool Interrupted { get; init; }

    /// <summary>A turn failed or was lost.</summary>
    public bool Failed { get; init; }

    public bool IsEmpty => this == new LibraryFilter();
}

/// <summary>A conversation that was found.</summary>
/// <param name="Turn">The first turn in which the words were found; null when no words were looked for.</param>
public readonly record struct LibraryHit(Guid Id, long? Turn);

/// <summary>The library's state, as far as lists care.</summary>
/// <param name="Conversations">How many.</param>
/// <param name="NewestTurn">The row of the turn that began last.</param>
/// <param name="NewestHeard">The row of the last turn with a reply that was heard and is over.</param>
/// <param name="LastEnd">Why the newest conversation ended; null while it goes on.</param>
public readonly record struct LibraryStamp(int Conversations, long NewestTurn, long NewestHeard, string? LastEnd);

/// <summary>What there is to choose from.</summary>
public sealed record LibraryChoices(IReadOnlyList<string> Models, IReadOnlyList<string> Tags);

/// <summary>A conversation that was deleted and can still be brought back.</summary>
public sealed record DeletedConversation(Guid Id, DateTimeOffset StartedAt, string? Title, DateTimeOffset DeletedAt);

/// <summary>One conversation as a list shows it.</summary>
public sealed record LibraryItem(ConversationRow Row)
{
    /// <summary>The user's first words; null when there were none.</summary>
    public string? Title { get; init; }

    public int Turns { get; init; }

    public int Interrupted { get; init; }

    /// <summary>Turns that failed or were lost.</summary>
    public int Failed { get; init; }

    /// <summary>Mean voice-to-voice latency; null when no reply was heard.</summary>
    public double? MeanMs { get; init; }

    /// <summary>The turn in which the words were found.</summary>
    public TurnRow? Match { get; init; }

    /// <summary>Null while it goes on.</summary>
    public TimeSpan? Duration => Row.EndPosition is { } end && Row.SampleRate > 0 ? TimeSpan.FromSeconds(end / (double)Row.SampleRate) : null;

    public bool GoesOn => Row.EndReason is null;
}
