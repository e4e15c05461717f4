using System.CommandLine;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Audio.Devices;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Engine.Models;
using VoiceConsole.Web.Data;

namespace VoiceConsole.Web.Commands;

/// <summary><c>converse</c>: one conversation without the page.</summary>
internal static class ConverseCommand
{
    public static Command Build()
    {
        var device = new Option<string>("--device") { Description = "host, wav or room.", DefaultValueFactory = _ => "host" };
        device.AcceptOnlyFromAmong("host", "wav", "room");
        var microphone = new Option<string?>("--mic") { Description = "For host: the microphone's name or number. For wav and room: the recording that plays the user." };
        var loudspeaker = new Option<string?>("--speaker") { Description = "For host: the loudspeaker's name or number." };
        var room = new Option<string?>("--room") { Description = $"Simulated room: {string.Join(", ", RoomOptions.Presets.Select(p => p.Name))}." };
        var output = new Option<string?>("--out") { Description = "Folder for the tracks, the reply's sound and the timeline; data/recordings by default." };
        var json = CommandRun.JsonOption();
        var command = new Command("converse", """
            One conversation without the page; writes the tracks, the reply's sound and the timeline, and stores it as the page does.

            Examples:
              converse --device room --room office --mic question.wav --llm model.gguf --out answer
              converse --device wav --mic question.wav --llm-url http://localhost:8080 --json
              converse --device host
            """) { device, microphone, loudspeaker, room, output, json };
        var engines = EngineOptions.AddTo(command);
        command.SetRun(async (parsed, cancellationToken) =>
        {
            var kind = parsed.GetValue(device)!;
            var request = engines.Apply(parsed, new ConversationRequest
            {
                Device = kind,
                Microphone = parsed.GetValue(microphone),
                Loudspeaker = parsed.GetValue(loudspeaker),
                Room = parsed.GetValue(room),
                Output = parsed.GetValue(output) is { } folder ? Path.GetFullPath(folder) : null,
                VirtualTime = kind != "host",
            });
            if (kind == "room" && request.Microphone is null)
                throw new ArgumentException("--device room wants a user: give --mic FILE.wav. On the page ('serve --device room') the user can be typed.");
            var paths = ConsolePaths.Find();
            await using var conversation = await new ConversationFactory(new ModelStore(paths) { AdultContent = engines.AllowsAdult(parsed) }, paths).CreateAsync(request, new ConsoleProgress(), cancellationToken);
            await using var storage = new ConversationStorage(paths) { OnNotices = notices => Array.ForEach([.. notices], Console.Error.WriteLine) };
            return await RunAsync(conversation, storage, parsed.GetValue(json), cancellationToken);
        });
        return command;
    }

    internal static async Task<int> RunAsync(IConversation conversation, ConversationStorage storage, bool json, CancellationToken cancellationToken)
    {
        var report = new ConversationReport();
        using var events = conversation.Events.SubscribeLossless();
        if (!await storage.OpenAsync(cancellationToken))
            Console.Error.WriteLine(storage.Problem!.Message);
        storage.Attach(conversation);
        conversation.Start();
        await using var stop = cancellationToken.Register(() => _ = conversation.StopAsync());
        await foreach (var turnEvent in events.Reader.ReadAllAsync(CancellationToken.None))
        {
            report.Add(turnEvent);
            if (!json)
                Tell(turnEvent);
            if (turnEvent is ConversationEnded)
                break;
        }

        // What was said until it failed is reported all the same.
        await conversation.Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await storage.DisposeAsync();
        if (storage.Problem is { } problem)
        {
            report.Add(problem);
            Console.Error.WriteLine(problem.Message);
        }

        var summary = await SaveAsync(report, conversation.Recording);
        if (json)
            CommandRun.Print(summary);
        else
            Console.Out.WriteLine($"conversation: {summary.Conversation}{(summary.Recording is null ? "" : $"; tracks and timeline: {summary.Recording}")}");
        await conversation.Completion;
        if (cancellationToken.IsCancellationRequested)
            return ExitCode.Cancelled;
        return summary.Turns.Any(t => t.Outcome == "failed") ? ExitCode.Failed : ExitCode.Ok;
    }

    // A disk that refuses the files beside the tracks does not take the report away.
    private static async Task<ConversationSummary> SaveAsync(ConversationReport report, string? recording)
    {
        if (recording is null)
            return report.Summarize(null);
        try
        {
            await report.WriteAsync(recording, CancellationToken.None);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            var problem = StorageFault.Explain(error, recording);
            Console.Error.WriteLine(problem.Message);
            report.Add(problem);
        }

        return report.Summarize(recording);
    }

    private static void Tell(TurnEvent turnEvent)
    {
        var line = turnEvent switch
        {
            ConversationStarted e => $"listening: {e.Device}; recogniser {e.Recognizer}, model {e.Model}, voice {e.Voice}, canceller {e.Canceller}",
            TranscriptCompleted e => $"you:     {e.Text}",
            SentenceCompleted e => $"console: {e.Text}",
            TurnInterrupted e => $"         (interrupted by {e.By})",
            TurnFailed e => $"         ({e.Stage} failed: {e.Error} {e.Remedy})",
            GenerationRetried e => $"         (asking {e.Model} again: {e.Error})",
            _ => null,
        };
        if (line is not null)
            Console.Out.WriteLine(PlainText.ForTerminal(line));
    }
}
