using System.CommandLine;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Echo.SelfTest;
using VoiceConsole.Engine.Models;
using VoiceConsole.Web.Live;
using VoiceConsole.Web.Texts;

namespace VoiceConsole.Web.Commands;

/// <summary><c>echo selftest</c>: how loudspeaker, microphone and room do together, and what to better.</summary>
internal static class SelfTestCommand
{
    public static Command Build()
    {
        var device = new Option<string>("--device") { Description = "host or room.", DefaultValueFactory = _ => "host" };
        device.AcceptOnlyFromAmong("host", "room");
        var microphone = new Option<string?>("--mic") { Description = "The microphone's name or number." };
        var loudspeaker = new Option<string?>("--speaker") { Description = "The loudspeaker's name or number." };
        var room = new Option<string?>("--room") { Description = "For room: which one is simulated; 'devices' lists them." };
        var engine = new Option<string>("--engine") { Description = $"{string.Join(", ", EngineLoader.Cancellers)}.", DefaultValueFactory = _ => EngineLoader.DefaultCanceller };
        var picture = new Option<string?>("--picture") { Description = "Write the echo's picture to this SVG file." };
        var json = CommandRun.JsonOption();
        var command = new Command("selftest", """
            Plays a sweep and speech, listens to them, and says what loudspeaker, microphone and room do to each other and what
            to better. Takes about 15 s; be quiet meanwhile.

            Examples:
              echo selftest
              echo selftest --device room --room living --picture echo.svg
            """) { device, microphone, loudspeaker, room, engine, picture, json };
        command.SetRun(async (parsed, cancellationToken) =>
        {
            var request = new ConversationRequest
            {
                Device = parsed.GetValue(device)!,
                Microphone = parsed.GetValue(microphone),
                Loudspeaker = parsed.GetValue(loudspeaker),
                Room = parsed.GetValue(room),
            };
            var loader = new EngineLoader(new ModelStore(ConsolePaths.Find()), TaskScheduler.Default, new ConsoleProgress());
            var result = await SelfTestRun.RunAsync(loader, request, parsed.GetValue(engine), null, cancellationToken);
            if (parsed.GetValue(picture) is { } file)
                await File.WriteAllTextAsync(file, SelfTestPicture.Svg(result, new PageTexts()), cancellationToken);
            if (parsed.GetValue(json))
                CommandRun.Print(result);
            else
                Print(result);
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Print(SelfTestResult result)
    {
        Console.Out.WriteLine(PlainText.ForTerminal(result.Device));
        Console.Out.WriteLine($"room's noise        {result.NoiseDb,7:0.0} dBFS");
        if (result.IsAudible)
        {
            Console.Out.WriteLine($"delay               {result.DelayMs,7:0.0} ms");
            Console.Out.WriteLine($"echo return loss    {result.ReturnLossDb,7:0.0} dB");
            Console.Out.WriteLine($"reverberation RT60  {result.TailMs,7:0} ms");
            Console.Out.WriteLine($"distortion          {result.DistortionDb,7:0.0} dB");
            Console.Out.WriteLine($"drift of the clocks {result.DriftPpm,7:0} ppm");
            Console.Out.WriteLine($"ERLE, filter        {result.FilterErleDb,7:0.0} dB");
            Console.Out.WriteLine($"ERLE, canceller     {result.CancellerErleDb,7:0.0} dB");
        }

        foreach (var advice in result.Advice)
            Console.Out.WriteLine($"- {advice}");
    }
}
