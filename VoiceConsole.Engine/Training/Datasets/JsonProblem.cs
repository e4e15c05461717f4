using System.Text.Json;

namespace VoiceConsole.Engine.Training.Datasets;

/// <summary>What a person needs to know of a JSON error in a line.</summary>
internal static class JsonProblem
{
    public static string Of(JsonException error) => error.BytePositionInLine is { } position
        ? $"is not JSON of this format (near byte {position + 1})."
        : "is not JSON of this format.";
}
