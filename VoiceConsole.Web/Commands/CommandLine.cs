using System.CommandLine;

namespace VoiceConsole.Web.Commands;

/// <summary>The console's command line; each command is one file beside this one.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(string[] args)
    {
        var parsed = Build().Parse(args);
        var code = await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        return parsed.Errors.Count > 0 ? ExitCode.Usage : code;
    }

    public static RootCommand Build()
    {
        var root = new RootCommand("VoiceConsole: a local voice assistant that people can see inside.");
        root.Subcommands.Add(ModelsCommand.Build());
        return root;
    }
}
