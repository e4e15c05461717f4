using VoiceConsole.Engine.Speech;

namespace VoiceConsole.Engine.Conversation;

/// <summary>A stretch of a reply's sound at the device's rate, with the text it says.</summary>
/// <param name="turn">The turn it belongs to.</param>
/// <param name="samples">Sound at the device's rate.</param>
/// <param name="words">Where the words lie in the samples; text positions count in the turn's reply text.</param>
internal sealed class PlaybackClip(Turn turn, ReadOnlyMemory<float> samples, IReadOnlyList<WordTiming> words)
{
    public Turn Turn { get; } = turn;
    public ReadOnlyMemory<float> Samples { get; } = samples;
    public IReadOnlyList<WordTiming> Words { get; } = words;

    /// <summary>Samples given to the device so far.</summary>
    public int Written { get; set; }

    /// <summary>Number of the clip's first sample among all samples rendered; means something once <see cref="Written"/> is above 0.</summary>
    public long First { get; set; }

    /// <summary>Words rendered to their end.</summary>
    public int Heard { get; set; }
}
