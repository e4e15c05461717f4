namespace VoiceConsole.Engine.Conversation;

/// <summary>Names one turn of a conversation. Strictly increases; sound of an older turn never leaves for the device.</summary>
public readonly record struct TurnId(long Value) : IComparable<TurnId>
{
    /// <summary>What belongs to no turn.</summary>
    public static readonly TurnId None;

    public TurnId Next() => new(Value + 1);

    public int CompareTo(TurnId other) => Value.CompareTo(other.Value);

    public static bool operator <(TurnId a, TurnId b) => a.Value < b.Value;
    public static bool operator >(TurnId a, TurnId b) => a.Value > b.Value;
    public static bool operator <=(TurnId a, TurnId b) => a.Value <= b.Value;
    public static bool operator >=(TurnId a, TurnId b) => a.Value >= b.Value;

    public override string ToString() => Value.ToString();
}
