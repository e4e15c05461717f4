using System.CommandLine;
using VoiceConsole.Engine.Audio.Devices;

namespace VoiceConsole.Web.Commands;

/// <summary><c>devices</c>: the rooms that can be simulated.</summary>
internal static class DevicesCommand
{
    public static Command Build()
    {
        var json = CommandRun.JsonOption();
        var command = new Command("devices", "The rooms that can be simulated.\n\nExample:\n  devices --json") { json };
        command.SetRun((parsed, _) =>
        {
            if (parsed.GetValue(json))
                CommandRun.Print(new { rooms = RoomOptions.Presets.Select(r => r.Name) });
            else
                Console.Out.WriteLine($"rooms: {string.Join(", ", RoomOptions.Presets.Select(r => r.Name))}");
            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }
}
