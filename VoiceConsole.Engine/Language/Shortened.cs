using Microsoft.Extensions.AI;

namespace VoiceConsole.Engine.Language;

/// <summary>A history made to fit the model's context.</summary>
/// <param name="Messages">The whole shorter history.</param>
/// <param name="Replaced">Messages of the old one that are gone or were cut.</param>
/// <param name="Summary">What stands in their place.</param>
public sealed record Shortened(IReadOnlyList<ChatMessage> Messages, int Replaced, string Summary);
