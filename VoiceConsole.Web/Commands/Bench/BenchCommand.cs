using System.CommandLine;

namespace VoiceConsole.Web.Commands.Bench;

/// <summary><c>bench</c>: figures that anyone can reproduce on their own machine.</summary>
internal static class BenchCommand
{
    public static Command Build() => new("bench", "Measures this machine: see each benchmark's help.") { HourBench.Build(), LatencyBench.Build(), LlmBench.Build() };
}
