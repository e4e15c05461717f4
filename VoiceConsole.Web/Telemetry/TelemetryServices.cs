using System.Diagnostics;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Telemetry;
using VoiceConsole.Web.Live;

namespace VoiceConsole.Web.Telemetry;

/// <summary>
/// Metrics at /metrics for Prometheus, guarded as the page is; metrics and traces by OTLP where an endpoint is set, by --otlp or by
/// the environment's OTEL_EXPORTER_OTLP_ENDPOINT.
/// </summary>
internal static class TelemetryServices
{
    public const string MetricsPath = "/metrics";

    private const string Variable = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const int ExportMilliseconds = 10_000;

    /// <param name="services">Of the console.</param>
    /// <param name="otlp">Base address of a collector that takes OTLP over HTTP; null leaves it to the environment.</param>
    public static void Add(IServiceCollection services, Uri? otlp)
    {
        services.AddSingleton<VoiceTelemetry>();
        services.AddHostedService<TelemetryService>();
        var exports = otlp is not null || Environment.GetEnvironmentVariable(Variable) is { Length: > 0 };
        var telemetry = services.AddOpenTelemetry().ConfigureResource(resource => resource.AddService("voiceconsole")).WithMetrics(metrics =>
        {
            metrics.AddMeter(VoiceTelemetry.Name).AddPrometheusExporter();
            if (exports)
                metrics.AddOtlpExporter((exporter, reader) =>
                {
                    Point(exporter, otlp, "v1/metrics");
                    reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = ExportMilliseconds;
                });
        });
        if (exports)
            telemetry.WithTracing(traces => traces.AddSource(VoiceTelemetry.Name).AddOtlpExporter(exporter => Point(exporter, otlp, "v1/traces")));
    }

    private static void Point(OtlpExporterOptions exporter, Uri? otlp, string path)
    {
        if (otlp is null)
            return;
        exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
        exporter.Endpoint = new Uri($"{otlp.AbsoluteUri.TrimEnd('/')}/{path}");
    }

    /// <summary>Follows every conversation; lags and loses events rather than slow one.</summary>
    private sealed class TelemetryService(ConversationHost host, VoiceTelemetry telemetry) : IHostedService
    {
        private const int Capacity = 16_384;

        public Task StartAsync(CancellationToken cancellationToken)
        {
            host.OnCreated += Follow;
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken)
        {
            host.OnCreated -= Follow;
            return Task.CompletedTask;
        }

        private void Follow(IConversation conversation)
        {
            var subscription = conversation.Events.SubscribeLatest(Capacity);
            _ = Task.Run(async () =>
            {
                // Who started the conversation is no part of its turns.
                Activity.Current = null;
                var recorder = new TurnRecorder(telemetry);
                using (subscription)
                {
                    await foreach (var turnEvent in subscription.Reader.ReadAllAsync())
                    {
                        recorder.Add(turnEvent);
                        if (turnEvent is Engine.Events.ConversationEnded)
                            break;
                    }
                }
            });
        }
    }
}
