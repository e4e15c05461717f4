namespace VoiceConsole.Engine.Conversation;

/// <summary>What is known of the echo at one moment, and what is being done about it.</summary>
/// <param name="DelayMs">From the sample's leaving to the strongest echo of it.</param>
/// <param name="ReturnLossDb">How much fainter the echo is than what was rendered.</param>
/// <param name="FilterErleDb">How much of the echo the guard's filter takes away.</param>
/// <param name="CancellerErleDb">How much of it the canceller takes away.</param>
/// <param name="EchoToRestDb">Level of the predicted echo over that of all else in the microphone, in the last 200 ms.</param>
/// <param name="Confidence">How far the path is known: 0, when all of the above means nothing yet, to 1.</param>
/// <param name="IsReplying">The console is audible.</param>
/// <param name="IsLowered">The reply is lowered, since somebody may be speaking over it.</param>
/// <param name="IsDeaf">The console does not listen at this moment: muted, or half-duplex while it speaks.</param>
/// <param name="IsBroken">The loop breaker has made it half-duplex, since it had answered itself.</param>
public sealed record EchoReading(
    double DelayMs, double ReturnLossDb, double FilterErleDb, double CancellerErleDb, double EchoToRestDb, double Confidence, bool IsReplying, bool IsLowered, bool IsDeaf, bool IsBroken = false);
