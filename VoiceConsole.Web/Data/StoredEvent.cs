using System.Text.Json;
using System.Text.Json.Serialization;
using VoiceConsole.Engine.Events;

namespace VoiceConsole.Web.Data;

/// <summary>An event on its way to the database.</summary>
/// <param name="Ordinal">Its number in the conversation, from 0.</param>
/// <param name="Event">What happened.</param>
internal sealed record StoredEvent(long Ordinal, TurnEvent Event)
{
    /// <summary>A figure may be no number: the level of silence in dB is minus infinity.</summary>
    public static JsonSerializerOptions Json { get; } = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    public static string ToJson(TurnEvent turnEvent) => JsonSerializer.Serialize(turnEvent, Json);

    /// <exception cref="JsonException">Not an event of this version.</exception>
    public static TurnEvent FromJson(string json) =>
        JsonSerializer.Deserialize<TurnEvent>(json, Json) ?? throw new JsonException("An event is null.");
}
