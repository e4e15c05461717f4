using VoiceConsole.Engine;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Models;
using VoiceConsole.Web.Data;

namespace VoiceConsole.Web.Live;

/// <summary>The real conversations and their storage, for the console that people use.</summary>
internal static class ConversationServices
{
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton(ConsolePaths.Find());
        services.AddSingleton<ModelStore>();
        services.AddSingleton<IConversationFactory, ConversationFactory>();
        services.AddHostedService<ConversationStorage>();
    }

    // Without its database the console still talks; it says that nothing is stored.
    private sealed class ConversationStorage(ConsolePaths paths, ConversationHost host, ILogger<ConversationStorage> logger) : IHostedService, IAsyncDisposable
    {
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

        public async ValueTask DisposeAsync()
        {
            if (Interlocked.Exchange(ref _writer, null) is { } writer)
                await writer.DisposeAsync();
        }
    }
}
