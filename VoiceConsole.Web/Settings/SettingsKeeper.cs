using VoiceConsole.Engine;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Models;
using VoiceConsole.Web.Commands;
using VoiceConsole.Web.Data;
using VoiceConsole.Web.Live;

namespace VoiceConsole.Web.Settings;

/// <summary>What the command line asked for in this run; it wins over what is stored.</summary>
/// <param name="Request">Of conversations.</param>
/// <param name="Retention">Of what is kept.</param>
/// <param name="Given">The switches that were there.</param>
internal sealed record CommandLineWishes(ConversationRequest Request, RetentionOptions Retention, IReadOnlySet<string> Given);

/// <summary>Holds the settings of the running console. Thread-safe.</summary>
internal sealed class SettingsKeeper
{
    private readonly ConsolePaths _paths;
    private readonly LiveSignal _signal;
    private readonly Lock _lock = new();
    private volatile ConsoleSettings _settings;

    public SettingsKeeper(ConsolePaths paths, CommandLineWishes wishes, LiveSignal signal, TimeProvider time)
    {
        (_paths, _signal, Wishes) = (paths, signal, wishes);
        (_settings, Notice) = SettingsFile.Read(paths, time);
    }

    public CommandLineWishes Wishes { get; }

    /// <summary>What was found on reading that a person should know; null when all was well.</summary>
    public string? Notice { get; }

    public ConsoleSettings Settings => _settings;

    /// <summary>What conversations are to use.</summary>
    public ConversationRequest Request
    {
        get
        {
            var settings = _settings;
            return SettingsApplied.To(settings.Engines is { } engines ? settings with { Engines = Placed(engines) } : settings, Wishes.Request, Wishes.Given);
        }
    }

    public bool AdultContent => Wishes.Given.Contains(CommandRun.Adult) || _settings.AdultModels == true;

    public RetentionOptions Retention => SettingsApplied.To(_settings, Wishes.Retention, Wishes.Given);

    /// <summary>Called after a change, on the thread that made it.</summary>
    public event Action? Changed;

    /// <summary>A switch of the command line that decides this in this run; null where the setting does.</summary>
    public string? Overruled(SettingField field) => field.Switches.FirstOrDefault(Wishes.Given.Contains);

    /// <summary>Stores and applies them.</summary>
    /// <exception cref="SettingsException">They cannot be used, or cannot be stored; nothing has changed.</exception>
    public void Change(Func<ConsoleSettings, ConsoleSettings> change)
    {
        lock (_lock)
        {
            var next = change(_settings);
            if (SettingsApplied.Problems(next) is [var problem, ..])
                throw new SettingsException(problem);
            try
            {
                SettingsFile.Write(_paths, next);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw new SettingsException($"It could not be stored: {error.Message} See that the data folder can be written to.", error);
            }

            _settings = next;
        }

        Changed?.Invoke();
        _signal.Notify();
    }

    /// <summary>Keeps an engine that was chosen on a page for the next start; one from outside models/, or with a secret in its address, is not kept.</summary>
    /// <exception cref="SettingsException">It cannot be stored.</exception>
    public void Choose(EngineKind kind, string? id)
    {
        if (EnginePlace.Of(kind, id, _paths, out _) is not null || (Uri.TryCreate(id, UriKind.Absolute, out var address) && address.UserInfo.Length > 0))
            return;
        var kept = EnginePlace.Portable(id, _paths);
        Change(settings =>
        {
            var engines = settings.Engines ?? new EngineSettings();
            engines = kind switch
            {
                EngineKind.Recognizer => engines with { Recognizer = kept },
                EngineKind.LanguageModel => engines with { LanguageModel = kept },
                _ => engines with { Voice = kept },
            };
            return settings with { Engines = engines == new EngineSettings() ? null : engines };
        });
    }

    private EngineSettings Placed(EngineSettings engines) => new()
    {
        Recognizer = Placed(EngineKind.Recognizer, engines.Recognizer),
        LanguageModel = Placed(EngineKind.LanguageModel, engines.LanguageModel),
        Voice = Placed(EngineKind.Voice, engines.Voice),
    };

    // A file may be anybody's: what lies outside models/ is not opened.
    private string? Placed(EngineKind kind, string? kept) => EnginePlace.Of(kind, kept, _paths, out var id) is null ? id : null;

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/settings.json", (SettingsKeeper keeper) =>
        Results.File(SettingsFile.ToBytes(keeper.Settings), "application/json", "voiceconsole-settings.json"));
}
