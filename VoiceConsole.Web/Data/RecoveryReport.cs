namespace VoiceConsole.Web.Data;

/// <summary>What the last process left unfinished.</summary>
/// <param name="Conversations">Conversations without an end, now marked.</param>
/// <param name="LostTurns">Turns cut off in them.</param>
/// <param name="RestoredEvents">Events taken from data/spill.</param>
/// <param name="RepairedFiles">Recordings whose length was put right.</param>
/// <param name="Notices">The same for people, one sentence each; empty when all was in order.</param>
internal sealed record RecoveryReport(
    int Conversations, int LostTurns, int RestoredEvents, int RepairedFiles, IReadOnlyList<string> Notices);
