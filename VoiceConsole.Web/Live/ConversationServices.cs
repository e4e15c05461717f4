using VoiceConsole.Engine;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Models;

namespace VoiceConsole.Web.Live;

/// <summary>The real conversations and their storage, for the console that people use.</summary>
internal static class ConversationServices
{
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton(ConsolePaths.Find());
        services.AddSingleton<ModelStore>();
        services.AddSingleton<IConversationFactory, ConversationFactory>();
        services.AddHostedService<StorageService>();
    }
}
