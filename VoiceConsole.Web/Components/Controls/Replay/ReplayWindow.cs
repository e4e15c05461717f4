namespace VoiceConsole.Web.Components.Controls.Replay;

/// <summary>The part of a recording that is in view, in seconds. Immutable.</summary>
public readonly record struct ReplayWindow(double From, double To, double Length)
{
    /// <summary>Nothing is to be seen in less.</summary>
    public const double Narrowest = 0.5;

    /// <param name="length">Seconds in all.</param>
    public static ReplayWindow All(double length) => new(0, Math.Max(Narrowest, length), Math.Max(Narrowest, length));

    /// <summary>From one moment to another, as far as there is such a part.</summary>
    public ReplayWindow Between(double? from, double? to) =>
        from is { } a && to is { } b && double.IsFinite(a) && double.IsFinite(b) && b > a ? At(a, Math.Clamp(b - a, Narrowest, Length)) : this;

    public bool IsAll => From <= 0 && To >= Length;

    /// <param name="factor">Below 1 shows less.</param>
    /// <param name="around">Stays where it is.</param>
    public ReplayWindow Zoom(double factor, double around)
    {
        var width = Math.Clamp((To - From) * factor, Narrowest, Length);
        around = Math.Clamp(around, From, To);
        return At(around - (around - From) / (To - From) * width, width);
    }

    /// <summary>Moved so that the moment is in view, with more after it than before.</summary>
    public ReplayWindow Reveal(double seconds) => seconds >= From && seconds <= To ? this : At(seconds - (To - From) / 10, To - From);

    /// <param name="share">Of its own width; below 0 goes back.</param>
    public ReplayWindow Move(double share) => At(From + (To - From) * share, To - From);

    private ReplayWindow At(double from, double width)
    {
        from = Math.Clamp(from, 0, Math.Max(0, Length - width));
        return this with { From = from, To = from + width };
    }
}
