using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace VoiceConsole.Engine.Conversation;

/// <summary>
/// Reads a channel without leaving the loop. ReadAllAsync of the framework continues on the thread pool in between, which
/// lets virtual time run ahead of the reader; it is banned in the engine.
/// </summary>
public static class ChannelItems
{
    public static async IAsyncEnumerable<T> Items<T>(
        this ChannelReader<T> reader, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reader);
        while (await reader.WaitToReadAsync(cancellationToken))
        {
            while (reader.TryRead(out var item))
                yield return item;
        }
    }
}
