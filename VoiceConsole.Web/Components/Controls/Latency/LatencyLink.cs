using System.Globalization;
using VoiceConsole.Web.Data;

namespace VoiceConsole.Web.Components.Controls.Latency;

/// <summary>Where a turn can be heard again.</summary>
internal static class LatencyLink
{
    public static string To(LatencyTurn turn) => string.Create(CultureInfo.InvariantCulture, $"conversations/{turn.Conversation}?at={turn.Seconds:0.##}");
}
