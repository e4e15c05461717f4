using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;

namespace VoiceConsole.Web.Commands.Bench;

/// <summary>Words for a made-up library: one that is everywhere, ten that are common, thousands that are rare, and Chinese.</summary>
internal static class LibraryText
{
    public const string Everywhere = "please";

    private static readonly string[] s_common = ["weather", "time", "music", "story", "kitchen", "window", "mountain", "question", "evening", "garden"];
    private static readonly string[] s_chinese = ["天气", "时间", "音乐", "故事", "厨房", "窗户", "高山", "问题", "晚上", "花园"];

    public static string Common(Random random) => s_common[random.Next(s_common.Length)];

    public static string Rare(Random random) => $"rare{random.Next(5000)}";

    public static string Chinese(Random random) => s_chinese[random.Next(s_chinese.Length)];

    /// <summary>The events of one turn; every tenth conversation is Chinese.</summary>
    public static IEnumerable<TurnEvent> Turn(int number, int conversation, Random random)
    {
        var id = new TurnId(number);
        var at = number * 160_000L;
        var chinese = conversation % 10 == 9;
        var user = chinese ? $"请问{Chinese(random)}和{Chinese(random)}怎么样" : $"{Everywhere} {Common(random)} tell me about {Rare(random)} and {Rare(random)}";
        var reply = chinese ? $"今天的{Chinese(random)}很好。" : $"I know little about {Rare(random)}, but more of {Rare(random)}.";
        var wait = random.Next(1600);
        var outcome = random.Next(10) switch { 0 => "interrupted", 1 => "failed", _ => "answered" };
        yield return new SpeechStarted(id, at + 1600, at);
        yield return new SpeechEnded(id, at + 40_000, at + 30_000);
        yield return new TranscriptCompleted(id, at + 41_000, user, chinese ? "zh" : "en", 0.9f);
        yield return new GenerationStarted(id, at + 41_100, "model");
        yield return new TokenGenerated(id, at + 43_000 + wait, 0, reply);
        yield return new SentenceCompleted(id, at + 44_000 + wait, 0, 0, reply);
        yield return new SpeechSynthesized(id, at + 46_000 + wait, 0, 0, 32_000);
        yield return new PlaybackStarted(id, at + 46_200 + wait);
        for (var (word, start) = (0, 0); start < reply.Length; word++)
        {
            var space = reply.IndexOf(' ', start);
            var end = space < 0 ? reply.Length : space;
            yield return new WordHeard(id, at + 50_000 + wait + word * 4000, start, end - start);
            start = end + 1;
        }

        yield return new PlaybackFinished(id, at + 100_000, outcome == "interrupted", reply);
        yield return new TurnCompleted(id, at + 100_000, outcome);
    }
}
