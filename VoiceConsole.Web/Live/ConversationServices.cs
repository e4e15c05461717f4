using VoiceConsole.Engine;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Web.Commands;
using VoiceConsole.Web.Data;

namespace VoiceConsole.Web.Live;

/// <summary>The real conversations and their storage, for the console that people use.</summary>
internal static class ConversationServices
{
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<IConversationFactory, ConversationFactory>();
        services.AddSingleton<IProgress<string>, ConsoleProgress>();
        services.AddHostedService(provider => provider.GetRequiredService<FirstStart>());
        services.AddHostedService<ConversationStorage>();
    }

    // Without its database the console still talks; it says that nothing is stored.
    private sealed class ConversationStorage(ConsolePaths paths, ConversationHost host, RetentionOptions retention, TimeProvider time, ILogger<ConversationStorage> logger) : IHostedService, IAsyncDisposable
    {
        private static readonly TimeSpan s_retentionInterval = TimeSpan.FromHours(6);
        private readonly CancellationTokenSource _stop = new();
        private Task _retention = Task.CompletedTask;
        private TurnWriter? _writer;

        public async Task StartAsync(CancellationToken cancellationToken)
        {
            try
            {
                var database = await Database.OpenAsync(paths, cancellationToken: cancellationToken);
                var recovered = await Recovery.RunAsync(database, cancellationToken);
                foreach (var notice in database.Notices.Concat(recovered.Notices))
                    logger.LogWarning("{Notice}", notice);
                var writer = _writer = new TurnWriter(database);
                host.OnCreated = conversation =>
                {
                    // Its task ends with the conversation's last event: nobody waits for it here.
                    _ = writer.Attach(conversation);
                    return Task.CompletedTask;
                };
                _retention = RetainAsync(database);
            }
            catch (StorageException error)
            {
                logger.LogError("{Problem}", error.Message);
                host.OnCreated = _ => throw error;
            }
        }

        // The conversation's last events are written before the process ends.
        public async Task StopAsync(CancellationToken cancellationToken)
        {
            await host.StopAsync();
            await DisposeAsync();
        }

        private async Task RetainAsync(Database database)
        {
            while (!_stop.IsCancellationRequested)
            {
                try
                {
                    var report = await new Retention(database, retention).RunAsync(_stop.Token);
                    if (report.Conversations > 0)
                        logger.LogInformation("Retention removed {Conversations} conversations, {Megabytes:0.0} MB.", report.Conversations, report.Bytes / 1e6);
                    foreach (var problem in report.Problems)
                        logger.LogWarning("{Problem}", problem);
                }
                catch (StorageException error)
                {
                    logger.LogWarning("{Problem}", error.Message);
                }
                catch (OperationCanceledException)
                {
                    return;
                }

                await Task.Delay(s_retentionInterval, time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _retention;

            if (Interlocked.Exchange(ref _writer, null) is { } writer)
                await writer.DisposeAsync();
        }
    }
}
