using VoiceConsole.Web.Data;
using VoiceConsole.Web.Settings;

namespace VoiceConsole.Web.Live;

/// <summary>Stores what the page's conversations say, and tells the page and the log what becomes of it.</summary>
internal sealed class StorageService : IHostedService, IAsyncDisposable
{
    private static readonly TimeSpan s_retentionInterval = TimeSpan.FromHours(6);
    private static readonly TimeSpan s_eraseInterval = TimeSpan.FromMinutes(1);
    private readonly ConversationHost _host;
    private readonly StorageStatus _status;
    private readonly SettingsKeeper _settings;
    private readonly TimeProvider _time;
    private readonly ILogger<StorageService> _logger;
    private readonly ConversationStorage _storage;
    private readonly ConversationLibrary _library;
    private readonly CancellationTokenSource _stop = new();
    private Task _upkeep = Task.CompletedTask;

    public StorageService(
        ConversationStorage storage, ConversationLibrary library, ConversationHost host, StorageStatus status, SettingsKeeper settings, TimeProvider time,
        ILogger<StorageService> logger)
    {
        (_storage, _library, _host, _status, _settings, _time, _logger) = (storage, library, host, status, settings, time, logger);
        storage.OnNotices = Tell;
        storage.OnProblemChanged = Report;
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _host.OnCreated += _storage.Attach;
        await _storage.OpenAsync(cancellationToken);
        if (_settings.Notice is { } notice)
            Tell([notice]);
        _settings.Changed += RetainSoon;
        _upkeep = Task.WhenAll(RepeatAsync(RetainAsync, s_retentionInterval), RepeatAsync(EraseAsync, s_eraseInterval));
    }

    // The conversation's last events are written before the process ends.
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _host.StopAsync();
        await DisposeAsync();
        Report();
    }

    public async ValueTask DisposeAsync()
    {
        _settings.Changed -= RetainSoon;
        await _stop.CancelAsync();
        await _upkeep;
        await _storage.DisposeAsync();
    }

    private void Tell(IReadOnlyList<string> notices)
    {
        foreach (var notice in notices)
        {
            _logger.LogWarning("{Notice}", notice);
            _status.Tell(notice);
        }
    }

    private void Report()
    {
        var problem = _storage.Problem is { } error ? new LiveProblem(error.What, error.Remedy) : null;
        if (problem == _status.Problem)
            return;
        if (problem is not null)
            _logger.LogError("{Problem} {Remedy}", problem.What, problem.Remedy);
        _status.Problem = problem;
    }

    private async Task RepeatAsync(Func<Database, Task> work, TimeSpan interval)
    {
        while (!_stop.IsCancellationRequested)
        {
            await RunAsync(work);
            await Task.Delay(interval, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RunAsync(Func<Database, Task> work)
    {
        try
        {
            if (_storage.Database is { } database)
                await work(database);
        }
        catch (StorageException error)
        {
            _logger.LogWarning("{Problem}", error.Message);
        }
        catch (OperationCanceledException)
        {
            // The console ends.
        }
    }

    // What may be kept has perhaps become less.
    private void RetainSoon() => _ = RunAsync(RetainAsync);

    private async Task RetainAsync(Database database)
    {
        var report = await new Retention(database, _settings.Retention, _time).RunAsync(_stop.Token);
        if (report.Conversations > 0)
            _logger.LogInformation("Retention removed {Conversations} conversations, {Megabytes:0.0} MB.", report.Conversations, report.Bytes / 1e6);
        Tell(report.Problems);
    }

    // Of those that a person deleted, the ones that can no longer be brought back.
    private async Task EraseAsync(Database database) => Tell(await _library.EraseAsync(_stop.Token));
}
