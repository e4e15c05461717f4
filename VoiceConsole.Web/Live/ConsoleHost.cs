using System.Net;
using Microsoft.AspNetCore.DataProtection;
using MudBlazor.Services;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Models;
using VoiceConsole.Web.Components;
using VoiceConsole.Web.Data;
using VoiceConsole.Web.Live.Training;
using VoiceConsole.Web.Rerun;
using VoiceConsole.Web.Settings;
using VoiceConsole.Web.Telemetry;
using VoiceConsole.Web.Texts;

namespace VoiceConsole.Web.Live;

/// <summary>Where the page is served and what conversations it starts.</summary>
internal sealed record ConsoleHostOptions
{
    public IPAddress Bind { get; init; } = IPAddress.Loopback;

    /// <summary>0 takes a free one.</summary>
    public int Port { get; init; } = 5080;

    /// <summary>Must be given by whoever wants in; null asks for nothing, which only loopback may.</summary>
    public string? Token { get; init; }

    /// <summary>The token was made for this run and nobody knows it yet: the address that brings it is told once.</summary>
    public bool TellToken { get; init; }

    public ConversationRequest Request { get; init; } = new();

    /// <summary>How much of the stored conversations is kept.</summary>
    public RetentionOptions Retention { get; init; } = new(null, RetentionOptions.DefaultBytes);

    /// <summary>A collector of traces and metrics, OTLP over HTTP; null leaves it to the environment.</summary>
    public Uri? Otlp { get; init; }

    /// <summary>The switches that were on the command line: they win over stored settings.</summary>
    public IReadOnlySet<string> Given { get; init; } = new HashSet<string>();
}

/// <summary>Builds the web server; the same for the command and for tests.</summary>
internal static class ConsoleHost
{
    private const int LargestMessage = 2 * 1024 * 1024;

    // MudBlazor styles its elements in place; scripts come from files only.
    private const string ContentSecurityPolicy =
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; " +
        "connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    /// <param name="options">Where to serve.</param>
    /// <param name="configure">Adds the IConversationFactory, and what else the caller has.</param>
    /// <exception cref="ArgumentException">An address that others can reach, without a token.</exception>
    public static WebApplication Build(ConsoleHostOptions options, Action<IServiceCollection> configure)
    {
        var loopback = IPAddress.IsLoopback(options.Bind);
        if (!loopback && (options.Token?.Length ?? 0) < AccessToken.MinLength)
            throw new ArgumentException($"Others can reach {options.Bind}: give --token with at least {AccessToken.MinLength} characters, or leave --bind at 127.0.0.1.");

        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            ApplicationName = typeof(ConsoleHost).Assembly.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
        });
        builder.WebHost.UseStaticWebAssets();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(options.Bind, options.Port);
        });
        // A page elsewhere must not reach the console through a name that resolves to this machine.
        builder.Configuration["AllowedHosts"] = loopback ? "localhost;127.0.0.1;[::1]" : "*";
        // Requests are not logged: an address may carry the token.
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        // The command says in one line where it serves, or why it cannot.
        builder.Logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);

        var services = builder.Services;
        // Open pages hold their connection; Ctrl+C shall not wait for them.
        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(2));
        services.AddRazorComponents().AddInteractiveServerComponents()
            .AddHubOptions(hub =>
            {
                hub.MaximumReceiveMessageSize = LargestMessage;
                // console.js takes three times as long for a line that is lost.
                hub.KeepAliveInterval = TimeSpan.FromSeconds(4);
            });
        services.AddMudServices();
        // Nothing that is signed outlives the process, so no keys are kept.
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(new CommandLineWishes(options.Request, options.Retention, options.Given));
        services.AddSingleton<SettingsKeeper>();
        services.AddSingleton(provider => provider.GetRequiredService<SettingsKeeper>().Request);
        services.AddSingleton<LiveSignal>();
        services.AddSingleton<DashboardState>();
        services.AddSingleton<StorageStatus>();
        services.AddSingleton<ConversationHost>();
        services.AddSingleton(ConsolePaths.Find());
        services.AddSingleton<ConversationStorage>();
        services.AddSingleton<ConversationLibrary>();
        services.AddSingleton<LatencyQueries>();
        services.AddSingleton<BundleReader>();
        services.AddSingleton<RecordingTickets>();
        services.AddSingleton(new WaveformCache());
        services.AddSingleton<ModelStore>();
        services.AddSingleton<FirstStart>();
        services.AddSingleton<PartFetches>();
        services.AddSingleton<TrainingHost>();
        services.AddSingleton<TrainedModels>();
        services.AddSingleton<RerunRunner>();
        services.AddSingleton<RerunHost>();
        services.AddSingleton<EchoMonitor>();
        services.AddSingleton<SelfTestHost>();
        services.AddSingleton<HealthReport>();
        services.AddSingleton<BrowserSessions>();
        services.AddScoped<PageTexts>();
        services.AddScoped<PageSession>();
        TelemetryServices.Add(services, options.Otlp);
        configure(services);

        var app = builder.Build();
        app.Use(Guard(options.Token is null ? null : new AccessToken(options.Token)));
        // What is set on the page holds from the next conversation on.
        var (settings, conversations) = (app.Services.GetRequiredService<SettingsKeeper>(), app.Services.GetRequiredService<ConversationHost>());
        conversations.OnChosen = settings.Choose;
        var models = app.Services.GetRequiredService<ModelStore>();
        models.AdultContent = settings.AdultContent;
        settings.Changed += () =>
        {
            models.AdultContent = settings.AdultContent;
            conversations.Use(settings.Request);
        };
        app.UseAntiforgery();
        app.MapStaticAssets();
        EngineApi.Map(app);
        RecordingTickets.Map(app);
        LatencyExport.Map(app);
        BundleWriter.Map(app);
        LanguageChoice.Map(app);
        SettingsKeeper.Map(app);
        app.MapPrometheusScrapingEndpoint(TelemetryServices.MetricsPath);
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(mode => mode.ContentSecurityFrameAncestorsPolicy = null);
        return app;
    }

    private static Func<HttpContext, RequestDelegate, Task> Guard(AccessToken? token) => async (context, next) =>
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        // Sound is the server's; the browser's own devices are never asked for.
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()";
        // Browsers let any page open a socket to any server; they do say from where.
        var origin = context.Request.Headers.Origin.ToString();
        if (origin.Length > 0 && !(Uri.TryCreate(origin, UriKind.Absolute, out var from) && from.Authority == context.Request.Host.Value))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }

        if (token is null || await token.AdmitAsync(context))
            await next(context);
    };
}
