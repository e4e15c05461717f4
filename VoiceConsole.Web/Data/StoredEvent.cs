using System.Text.Json;
using VoiceConsole.Engine.Events;

namespace VoiceConsole.Web.Data;

/// <summary>An event on its way to the database.</summary>
/// <param name="Ordinal">Its number in the conversation, from 0.</param>
/// <param name="Event">What happened.</param>
internal sealed record StoredEvent(long Ordinal, TurnEvent Event)
{
    public static string ToJson(TurnEvent turnEvent) => JsonSerializer.Serialize(turnEvent, JsonSerializerOptions.Default);

    /// <exception cref="JsonException">Not an event of this version.</exception>
    public static TurnEvent FromJson(string json) =>
        JsonSerializer.Deserialize<TurnEvent>(json, JsonSerializerOptions.Default) ?? throw new JsonException("An event is null.");
}
