namespace VoiceConsole.Engine.Echo;

/// <summary>
/// The last resort: when two turns in a row were the console's own words, listening while it speaks does more harm than good
/// in this room, and the conversation becomes half-duplex until somebody says otherwise.
/// </summary>
internal sealed class LoopBreaker
{
    /// <summary>Own turns in a row that are one too many.</summary>
    public const int Limit = 2;

    private int _own;

    /// <summary>The console is deaf while it speaks.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Takes the next turn that had words.</summary>
    /// <param name="isOwn">They were the console's.</param>
    /// <returns>True when this turn was one too many.</returns>
    public bool Observe(bool isOwn)
    {
        _own = isOwn ? _own + 1 : 0;
        if (IsOpen || _own < Limit)
            return false;
        IsOpen = true;
        return true;
    }

    /// <summary>Back to listening while speaking. True if it was not so already.</summary>
    public bool Close()
    {
        var was = IsOpen;
        (IsOpen, _own) = (false, 0);
        return was;
    }
}
