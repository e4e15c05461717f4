using VoiceConsole.Engine;
using VoiceConsole.Web.Data;

namespace VoiceConsole.Web.Live;

/// <summary>Stores what the page's conversations say, and tells the page and the log what becomes of it.</summary>
internal sealed class StorageService : IHostedService, IAsyncDisposable
{
    private static readonly TimeSpan s_retentionInterval = TimeSpan.FromHours(6);
    private readonly ConversationHost _host;
    private readonly StorageStatus _status;
    private readonly RetentionOptions _limits;
    private readonly TimeProvider _time;
    private readonly ILogger<StorageService> _logger;
    private readonly ConversationStorage _storage;
    private readonly CancellationTokenSource _stop = new();
    private Task _retention = Task.CompletedTask;

    public StorageService(ConsolePaths paths, ConversationHost host, StorageStatus status, RetentionOptions limits, TimeProvider time, ILogger<StorageService> logger)
    {
        (_host, _status, _limits, _time, _logger) = (host, status, limits, time, logger);
        _storage = new ConversationStorage(paths, time) { OnNotices = Tell, OnProblemChanged = Report };
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _host.OnCreated = _storage.Attach;
        await _storage.OpenAsync(cancellationToken);
        _retention = RetainAsync();
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
        await _stop.CancelAsync();
        await _retention;
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

    private async Task RetainAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            if (_storage.Database is { } database)
                await RetainAsync(database);
            await Task.Delay(s_retentionInterval, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RetainAsync(Database database)
    {
        try
        {
            var report = await new Retention(database, _limits, _time).RunAsync(_stop.Token);
            if (report.Conversations > 0)
                _logger.LogInformation("Retention removed {Conversations} conversations, {Megabytes:0.0} MB.", report.Conversations, report.Bytes / 1e6);
            Tell(report.Problems);
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
}
