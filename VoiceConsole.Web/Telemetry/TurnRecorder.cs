using System.Diagnostics;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Engine.Language.Servers;
using VoiceConsole.Engine.Telemetry;

namespace VoiceConsole.Web.Telemetry;

/// <summary>
/// Makes metrics and traces of one conversation's events: when a turn is over, one span for it, one for each of its stages and one
/// for the language model. No word of what was said goes into them.
/// </summary>
internal sealed class TurnRecorder(VoiceTelemetry telemetry)
{
    // Turns that are open at a time are two or three; events that lack their end must not pile up.
    private const int MostOpen = 32;

    private readonly Dictionary<TurnId, List<TurnEvent>> _open = [];
    private ConversationStarted? _started;
    private DeviceChanged? _device;

    public void Add(TurnEvent turnEvent)
    {
        switch (turnEvent)
        {
            case ConversationStarted e:
                _started = e;
                return;
            case VerdictReached e:
                telemetry.Verdicts.Add(1, new KeyValuePair<string, object?>("verdict", e.Verdict));
                return;
            case EchoPathMeasured e:
                telemetry.Erle.Record(e.CancellerErleDb);
                telemetry.EchoDelay.Record(e.DelayMs / 1000);
                return;
            case DeviceChanged e:
                telemetry.Underruns.Add(Math.Max(0, e.Underruns - (_device?.Underruns ?? 0)));
                telemetry.Overruns.Add(Math.Max(0, e.Overruns - (_device?.Overruns ?? 0)));
                _device = e;
                return;
            case TurnFailed e:
                telemetry.Failures.Add(1, new KeyValuePair<string, object?>("stage", e.Stage));
                break;
        }

        if (turnEvent.Turn == TurnId.None)
            return;
        if (!_open.TryGetValue(turnEvent.Turn, out var events))
        {
            if (_open.Count == MostOpen)
                _open.Remove(_open.Keys.Min());
            _open[turnEvent.Turn] = events = [];
        }

        if (IsMark(turnEvent))
            events.Add(turnEvent);
        if (turnEvent is TurnCompleted completed && _open.Remove(turnEvent.Turn) && _started is { } started)
            Complete(started, events, completed);
    }

    private static bool IsMark(TurnEvent e) => e is SpeechStarted or SpeechEnded or TextTyped or TranscriptCompleted or GenerationStarted or GenerationRetried or GenerationCompleted
        or TokenGenerated { Index: 0 } or SentenceCompleted { Index: 0 } or SpeechSynthesized { Index: 0, Part: 0 } or PlaybackStarted or TurnFailed;

    private void Complete(ConversationStarted started, List<TurnEvent> events, TurnCompleted completed)
    {
        telemetry.Turns.Add(1, new KeyValuePair<string, object?>("outcome", completed.Outcome));
        var timeline = TurnTimeline.From(events, completed.Turn, started.SampleRate);
        var first = events.OfType<SpeechStarted>().FirstOrDefault()?.SpeechPosition ?? events.FirstOrDefault()?.Position ?? completed.Position;
        using var turn = Start("turn", ActivityKind.Internal, default, first);
        turn?.SetTag("gen_ai.conversation.id", started.Conversation.ToString());
        turn?.SetTag("voiceconsole.turn", completed.Turn.Value);
        turn?.SetTag("voiceconsole.outcome", completed.Outcome);
        if (timeline is not null)
        {
            telemetry.VoiceToVoice.Record(timeline.VoiceToVoice.TotalSeconds);
            turn?.SetTag("voiceconsole.voice_to_voice_ms", timeline.VoiceToVoice.TotalMilliseconds);
            foreach (var stage in timeline.Stages)
            {
                telemetry.Stage.Record(stage.Duration.TotalSeconds, new KeyValuePair<string, object?>("stage", stage.Name));
                if (stage.End > stage.Start)
                    End(Start(stage.Name, ActivityKind.Internal, turn?.Context ?? default, stage.Start), stage.End);
            }
        }

        RecordModel(events, completed, turn?.Context ?? default);
        if (events.OfType<TurnFailed>().FirstOrDefault() is { } failed)
            turn?.SetStatus(ActivityStatusCode.Error, failed.Stage).SetTag("error.type", failed.Stage);
        End(turn, completed.Position);

        Activity? Start(string name, ActivityKind kind, ActivityContext parent, long position) =>
            telemetry.Source.StartActivity(name, kind, parent, startTime: At(position));

        void End(Activity? activity, long position)
        {
            activity?.SetEndTime(At(position).UtcDateTime);
            activity?.Dispose();
        }

        DateTimeOffset At(long position) => started.StartedAt.AddSeconds(position / (double)started.SampleRate);

        void RecordModel(List<TurnEvent> marks, TurnCompleted last, ActivityContext parent)
        {
            if (marks.OfType<GenerationStarted>().FirstOrDefault() is not { } asked)
                return;
            var model = marks.OfType<GenerationRetried>().LastOrDefault()?.Model ?? asked.Model;
            var done = marks.OfType<GenerationCompleted>().FirstOrDefault();
            var failed = marks.OfType<TurnFailed>().FirstOrDefault(f => f.Stage == "model");
            var end = done?.Position ?? failed?.Position ?? last.Position;
            var server = Server(model);
            var tags = new TagList
            {
                { "gen_ai.operation.name", "chat" }, { "gen_ai.provider.name", server?.Kind == ModelAddressKind.OpenAi ? "openai" : "llama.cpp" },
                { "gen_ai.request.model", asked.Model }, { "gen_ai.response.model", model },
            };
            if (server?.Server is { } address)
            {
                tags.Add("server.address", address.Host);
                tags.Add("server.port", address.Port);
            }

            using var chat = Start($"chat {asked.Model}", ActivityKind.Client, parent, asked.Position);
            foreach (var (key, value) in tags)
                chat?.SetTag(key, value);
            if (failed is not null)
            {
                tags.Add("error.type", "model");
                chat?.SetStatus(ActivityStatusCode.Error).SetTag("error.type", "model");
            }

            telemetry.ModelDuration.Record((end - asked.Position) / (double)started.SampleRate, tags);
            if (marks.OfType<TokenGenerated>().FirstOrDefault() is { } token)
                telemetry.FirstToken.Record((token.Position - asked.Position) / (double)started.SampleRate, tags);
            if (done is not null)
            {
                chat?.SetTag("gen_ai.usage.output_tokens", done.Tokens);
                telemetry.Tokens.Record(done.Tokens, [.. tags, new KeyValuePair<string, object?>("gen_ai.token.type", "output")]);
                if (done.PromptTokens is { } prompt)
                {
                    chat?.SetTag("gen_ai.usage.input_tokens", prompt);
                    telemetry.Tokens.Record(prompt, [.. tags, new KeyValuePair<string, object?>("gen_ai.token.type", "input")]);
                }
            }

            End(chat, end);
        }
    }

    // A model's name ends in its server's address, if it has one.
    private static ModelAddress? Server(string model)
    {
        try
        {
            return ModelAddress.Parse(model[(model.LastIndexOf(" at http", StringComparison.Ordinal) is >= 0 and var at ? at + " at ".Length : 0)..]);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
