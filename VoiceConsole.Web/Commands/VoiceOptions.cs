using System.CommandLine;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Speech;

namespace VoiceConsole.Web.Commands;

/// <summary>The switches that say how a neural voice speaks; the same for every command that speaks.</summary>
internal sealed class VoiceOptions
{
    public static readonly string Help =
        $"Voice: {string.Join(", ", EngineLoader.Voices)}, or the name or path of one in models/; several with commas between, each for its languages.";

    private readonly Option<string?> _speaker = new("--speaker-voice") { Description = "Who speaks, of a neural voice that has several: a name or a number from 0." };
    private readonly Option<float?> _length = new("--length-scale") { Description = "Length of a neural voice's sounds, 0.25 to 4: above 1 is slower." };
    private readonly Option<float?> _noise = new("--noise-scale") { Description = "How much a neural voice varies its sound, 0 to 2." };
    private readonly Option<float?> _lengthNoise = new("--noise-w") { Description = "How much a neural voice varies its rhythm, 0 to 2." };

    public IEnumerable<Option> All => [_speaker, _length, _noise, _lengthNoise];

    /// <summary>Null when none was given.</summary>
    /// <exception cref="ArgumentException">A value is out of range.</exception>
    public VoiceStyle? Of(ParseResult parsed)
    {
        var style = new VoiceStyle(parsed.GetValue(_speaker), parsed.GetValue(_length), parsed.GetValue(_noise), parsed.GetValue(_lengthNoise));
        if (style.Validate() is { Count: > 0 } problems)
            throw new ArgumentException(string.Join(" ", problems));
        return style == new VoiceStyle() ? null : style;
    }
}
