using VoiceConsole.Engine.Conversation;
using VoiceConsole.Web.Commands;

namespace VoiceConsole.Web.Live;

/// <summary>The real conversations and their storage, for the console that people use.</summary>
internal static class ConversationServices
{
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<IConversationFactory, ConversationFactory>();
        services.AddSingleton<IProgress<string>, ConsoleProgress>();
        services.AddHostedService(provider => provider.GetRequiredService<FirstStart>());
        services.AddHostedService<StorageService>();
    }
}
