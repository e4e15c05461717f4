using System.CommandLine;
using VoiceConsole.Web.Commands.Bench;
using VoiceConsole.Web.Commands.Train;
using VoiceConsole.Web.Live;

namespace VoiceConsole.Web.Commands;

/// <summary>The console's command line; each command is one file beside this one.</summary>
internal static class CommandLine
{
    // After Ctrl+C: enough for a conversation to end and for a locked database to refuse its last events, which then go to data/spill.
    private static readonly TimeSpan s_timeToEnd = TimeSpan.FromSeconds(10);
    private static readonly string[] s_ownSwitches = ["--help", "-h", "-?", "--version"];

    public static async Task<int> RunAsync(string[] args)
    {
        // Without a command the console serves, with whatever switches were given.
        if (args.Length == 0 || (args[0].StartsWith('-') && !s_ownSwitches.Contains(args[0])))
            args = ["serve", .. args];
        var parsed = Build().Parse(args);
        var code = await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = s_timeToEnd });
        return parsed.Errors.Count > 0 ? ExitCode.Usage : code;
    }

    public static RootCommand Build()
    {
        var root = new RootCommand("""
            VoiceConsole: a local voice assistant that people can see inside. Without a command it serves the console.

            Examples:
              serve --device room --room office
              converse --device wav --mic question.wav --json
            """);
        Command[] commands =
        [
            ServeCommand.Build(ConversationServices.Add), ConverseCommand.Build(), TranscribeCommand.Build(), SayCommand.Build(),
            ModelsCommand.Build(), DevicesCommand.Build(), EchoCommand.Build(), BenchCommand.Build(), TrainCommand.Build(),
        ];
        foreach (var command in commands)
            root.Subcommands.Add(command);
        return root;
    }
}
