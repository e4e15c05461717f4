using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Tests.Data;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Live;

namespace VoiceConsole.Tests.Web;

/// <summary>Whoever else in the process holds a conversation would be measured, too: these run alone.</summary>
[Collection(RealTime.Name)]
public sealed class TelemetryTests : IAsyncLifetime
{
    private readonly FakeConversation _conversation = new();
    private readonly ConcurrentBag<Span> _spans = [];
    private readonly ConcurrentBag<string> _metrics = [];
    private readonly TaskCompletionSource _environment = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WebApplication _collector = null!;
    private WebApplication _app = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        _collector = builder.Build();
        _collector.Urls.Add("http://127.0.0.1:0");
        _collector.MapPost("/v1/traces", async (HttpRequest request) => Array.ForEach([.. SpansOf(await BodyAsync(request))], _spans.Add));
        _collector.MapPost("/v1/metrics", async (HttpRequest request) => _metrics.Add(Encoding.UTF8.GetString(await BodyAsync(request))));
        _collector.MapPost("/environment/v1/traces", () => { _ = _environment.TrySetResult(); });
        await _collector.StartAsync();
        _app = ConsoleHost.Build(
            new ConsoleHostOptions { Port = 0, Otlp = new Uri(_collector.Urls.First()) },
            services => services.AddSingleton<IConversationFactory>(new FakeConversationFactory(() => _conversation)));
        await _app.StartAsync();
        await _app.Services.GetRequiredService<ConversationHost>().StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        await _collector.StopAsync();
        await _collector.DisposeAsync();
    }

    [Fact]
    public async Task Turn_Over_IsASpanWithItsStagesAndItsModel_AtTheCollectorAndInTheMetrics()
    {
        foreach (var e in SampleConversation.Turn(1))
        {
            _conversation.Events.Publish(e);
            if (e is SentenceCompleted)
                _conversation.Events.Publish(new GenerationCompleted(e.Turn, e.Position, 2, 31));
        }

        using var http = new HttpClient { BaseAddress = new Uri(_app.Urls.First()) };
        await UntilAsync(async () => (await http.GetStringAsync("metrics")).Contains("voiceconsole_turns", StringComparison.Ordinal));
        await UntilAsync(() =>
        {
            _app.Services.GetRequiredService<TracerProvider>().ForceFlush();
            return Task.FromResult(_spans.Any(s => s.Name == "turn"));
        });

        var turn = Assert.Single(_spans, s => s.Name == "turn");
        Assert.Equal((DateTimeOffset.UnixEpoch.AddSeconds(6.25), DateTimeOffset.UnixEpoch.AddSeconds(7.5)), (turn.Start, turn.End));
        var stages = _spans.Where(s => s.Parent == turn.Id && !s.Name.StartsWith("chat", StringComparison.Ordinal)).OrderBy(s => s.Start).ToArray();
        Assert.Equal(["end-of-turn delay", "final transcript", "time to first token", "first sentence", "time to first byte", "first audible sample"], stages.Select(s => s.Name));
        Assert.Equal(700, stages.Sum(s => (s.End - s.Start).TotalMilliseconds), 0.1);
        var chat = Assert.Single(_spans, s => s.Name == "chat tiny");
        Assert.Equal((turn.Id, "chat", "tiny", "llama.cpp"), (chat.Parent, chat.Tags["gen_ai.operation.name"], chat.Tags["gen_ai.request.model"], chat.Tags["gen_ai.provider.name"]));
        Assert.Equal((31, 2), (chat.Tags["gen_ai.usage.input_tokens"][0], chat.Tags["gen_ai.usage.output_tokens"][0]));
        Assert.DoesNotContain(_spans.SelectMany(s => s.Tags.Values), v => v.Contains("hello", StringComparison.Ordinal));

        var page = await http.GetStringAsync("metrics");
        Assert.All(page.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Matches(new Regex(@"^(#.*|[a-zA-Z_:][a-zA-Z0-9_:]*(\{[^}]*\})? [0-9.eE+\-]+( \d+)?)$|^.* (NaN|\+Inf)( \d+)?$"), line));
        Assert.Contains("voiceconsole_turns_total{", page, StringComparison.Ordinal);
        Assert.Contains("outcome=\"answered\"", page, StringComparison.Ordinal);
        Assert.Contains("gen_ai_client_operation_duration_seconds_count", page, StringComparison.Ordinal);
        // 700 ms of the whole and 50 to the first token, each between two bounds of its own kind of wait.
        Assert.Equal((0, 1), (Bucket("voiceconsole_turn_voice_to_voice_seconds", "0.6"), Bucket("voiceconsole_turn_voice_to_voice_seconds", "0.8")));
        Assert.Equal((0, 1), (Bucket("gen_ai_server_time_to_first_token_seconds", "0.04"), Bucket("gen_ai_server_time_to_first_token_seconds", "0.06")));
        _app.Services.GetRequiredService<MeterProvider>().ForceFlush();
        await UntilAsync(() => Task.FromResult(_metrics.Any(m => m.Contains("voiceconsole.turn.voice_to_voice", StringComparison.Ordinal))));

        int Bucket(string name, string bound) => int.Parse(Regex.Match(page, $$"""^{{name}}_bucket\{[^}]*le="{{Regex.Escape(bound)}}"\} (\d+)""", RegexOptions.Multiline).Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task Turn_RetriedByAnotherModelAndFailed_SaysWhoWasAskedWhoAnsweredAndWhatFailed()
    {
        var id = new TurnId(1);
        foreach (var e in (TurnEvent[])
                 [
                     new TextTyped(id, 16_000, "hello"), new GenerationStarted(id, 16_100, "tiny"), new GenerationRetried(id, 17_000, 2, "qwen at http://models.example:8080/v1", "it stalled"),
                     new TurnFailed(id, 20_000, "model", "It stalled again.", "Start it."), new TurnCompleted(id, 20_000, "failed"),
                 ])
            _conversation.Events.Publish(e);
        await UntilAsync(() =>
        {
            _app.Services.GetRequiredService<TracerProvider>().ForceFlush();
            return Task.FromResult(_spans.Any(s => s.Name == "turn"));
        });

        var chat = Assert.Single(_spans, s => s.Name == "chat tiny");
        Assert.Equal(("tiny", "qwen at http://models.example:8080/v1", "openai", "models.example", "model"), (chat.Tags["gen_ai.request.model"], chat.Tags["gen_ai.response.model"], chat.Tags["gen_ai.provider.name"], chat.Tags["server.address"], chat.Tags["error.type"]));
        Assert.Equal("model", Assert.Single(_spans, s => s.Name == "turn").Tags["error.type"]);
        using var http = new HttpClient { BaseAddress = new Uri(_app.Urls.First()) };
        Assert.Matches(new Regex("voiceconsole_failures_total\\{[^}]*stage=\"model\""), await http.GetStringAsync("metrics"));
    }

    [Fact]
    public async Task Collector_NamedByTheEnvironment_GetsTheTraces()
    {
        Environment.SetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT", $"{_collector.Urls.First()}/environment");
        Environment.SetEnvironmentVariable("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf");
        var conversation = new FakeConversation();
        await using var app = ConsoleHost.Build(new ConsoleHostOptions { Port = 0 }, services => services.AddSingleton<IConversationFactory>(new FakeConversationFactory(() => conversation)));
        try
        {
            await app.StartAsync();
        }
        finally
        {
            Environment.SetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT", null);
            Environment.SetEnvironmentVariable("OTEL_EXPORTER_OTLP_PROTOCOL", null);
        }

        await app.Services.GetRequiredService<ConversationHost>().StartAsync();
        foreach (var e in SampleConversation.Turn(1))
            conversation.Events.Publish(e);
        await UntilAsync(() =>
        {
            app.Services.GetRequiredService<TracerProvider>().ForceFlush();
            return Task.FromResult(_environment.Task.IsCompleted);
        });
    }

    [Fact]
    public async Task Metrics_OfAConsoleWithAToken_AreForItsHoldersOnly()
    {
        await using var app = ConsoleHost.Build(
            new ConsoleHostOptions { Port = 0, Token = "a-token-of-the-test" },
            services => services.AddSingleton<IConversationFactory>(new FakeConversationFactory(() => new FakeConversation())));
        await app.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, (await http.GetAsync("metrics")).StatusCode);
        http.DefaultRequestHeaders.Authorization = new("Bearer", "a-token-of-the-test");
        Assert.Equal(System.Net.HttpStatusCode.OK, (await http.GetAsync("metrics")).StatusCode);
    }

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await isSo())
            await Task.Delay(20, limit.Token);
    }

    private static async Task<byte[]> BodyAsync(HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        return body.ToArray();
    }

    private sealed record Span(string Name, string Id, string Parent, DateTimeOffset Start, DateTimeOffset End, Dictionary<string, string> Tags);

    // ExportTraceServiceRequest.resource_spans 1, ResourceSpans.scope_spans 2, ScopeSpans.spans 2.
    private static IEnumerable<Span> SpansOf(byte[] request) =>
        from resource in Fields(request)
        where resource.Number == 1
        from scope in Fields(resource.Bytes)
        where scope.Number == 2
        from span in Fields(scope.Bytes)
        where span.Number == 2
        select SpanOf([.. Fields(span.Bytes)]);

    private static Span SpanOf((int Number, byte[] Bytes)[] fields)
    {
        return new Span(
            Encoding.UTF8.GetString(Of(5)), Convert.ToHexString(Of(2)), Convert.ToHexString(Of(4)), Time(7), Time(8),
            fields.Where(f => f.Number == 9).Select(f => Fields(f.Bytes).ToArray()).ToDictionary(
                a => Encoding.UTF8.GetString(a.First(f => f.Number == 1).Bytes), a => Encoding.UTF8.GetString(Fields(a.First(f => f.Number == 2).Bytes).First().Bytes)));

        byte[] Of(int number) => fields.FirstOrDefault(f => f.Number == number).Bytes ?? [];

        DateTimeOffset Time(int number) => DateTimeOffset.UnixEpoch.AddTicks((long)(BinaryPrimitives.ReadUInt64LittleEndian(Of(number)) / 100));
    }

    private static IEnumerable<(int Number, byte[] Bytes)> Fields(byte[] message)
    {
        for (var at = 0; at < message.Length;)
        {
            var tag = Varint(message, ref at);
            var length = (tag & 7) switch { 1 => 8, 5 => 4, 2 => (int)Varint(message, ref at), _ => 0 };
            if ((tag & 7) == 0)
            {
                yield return ((int)(tag >> 3), BitConverter.GetBytes(Varint(message, ref at)));
                continue;
            }

            yield return ((int)(tag >> 3), message[at..(at + length)]);
            at += length;
        }
    }

    private static ulong Varint(byte[] message, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var part = message[at++];
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80)
                return value;
        }
    }
}
