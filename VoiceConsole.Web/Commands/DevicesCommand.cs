using System.CommandLine;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Audio.Devices;
using VoiceConsole.Engine.Models;

namespace VoiceConsole.Web.Commands;

/// <summary><c>devices</c>: the host's microphones and loudspeakers, and the rooms that can be simulated.</summary>
internal static class DevicesCommand
{
    public static Command Build()
    {
        var json = CommandRun.JsonOption();
        var command = new Command("devices", """
            The host's microphones and loudspeakers, and the rooms that can be simulated.

            Example:
              devices --json
            """) { json };
        command.SetRun(async (parsed, cancellationToken) =>
        {
            var part = await new ModelStore(ConsolePaths.Find()).RequireAsync("portaudio", null, cancellationToken);
            var devices = HostAudioDevice.List(part.Folders);
            var rooms = RoomOptions.Presets;
            if (parsed.GetValue(json))
            {
                CommandRun.Print(new { devices, rooms = rooms.Select(r => r.Name) });
                return ExitCode.Ok;
            }

            foreach (var device in devices)
                Console.Out.WriteLine(PlainText.ForTerminal(device.ToString()!));
            if (devices.Count == 0)
                Console.Out.WriteLine("The host has no microphone or loudspeaker. Plug one in, or use a simulated room.");
            Console.Out.WriteLine($"rooms: {string.Join(", ", rooms.Select(r => r.Name))}");
            return ExitCode.Ok;
        });
        return command;
    }
}
