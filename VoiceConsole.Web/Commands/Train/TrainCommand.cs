using System.CommandLine;

namespace VoiceConsole.Web.Commands.Train;

/// <summary><c>train</c>: from conversations to a model of one's own.</summary>
internal static class TrainCommand
{
    public static Command Build() => new("train", "From conversations to a model of your own.\n\nExample:\n  train collect --from own --name own")
    {
        CollectCommand.Build(), CleanCommand.Build(), NewCommand.Build(), FinetuneCommand.Build(), EvaluateCommand.Build(),
        ExportCommand.Build(), DefaultCommand.Build(),
    };
}
