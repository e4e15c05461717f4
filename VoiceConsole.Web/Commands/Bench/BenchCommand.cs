using System.CommandLine;
using VoiceConsole.Web.Commands.Bench.Echo;
using VoiceConsole.Web.Commands.Bench.Pages;

namespace VoiceConsole.Web.Commands.Bench;

/// <summary><c>bench</c>: figures that anyone can reproduce on their own machine.</summary>
internal static class BenchCommand
{
    public static Command Build() => new("bench", "Measures this machine: see each benchmark's help.\n\nExample:\n  bench latency")
    {
        EchoBench.Build(), NearEndLearning.Build(), FinetuneBench.Build(), HourBench.Build(), LatencyBench.Build(), LibraryBench.Build(), LlmBench.Build(), ModelsBench.Build(), PagesBench.Build(), SoakBench.Build(), SwapsBench.Build(),
    };
}
