namespace VoiceConsole.Web.Commands.Bench.Echo;

/// <summary>What is said in the benchmark's rooms.</summary>
internal static class Material
{
    public static readonly IReadOnlyList<string> UserVoices = ["flite-rms", "flite-awb", "flite-kal16", "espeak-ng"];

    private const double AmbienceLevel = -55, TelevisionLevel = -62;

    private static readonly string[] s_english =
    [
        "It is early in the morning, and the sun is about to rise over the quiet hills behind the old town.",
        "The train from the coast arrives at seven, and most people walk from the station to the market.",
        "You could begin with the small museum, since it is free and opens before the others do.",
        "After lunch the streets are empty, because everybody goes down to the river to swim.",
        "There is a bakery on the corner which sells warm bread and very good apple cake.",
        "If it rains in the afternoon, take the tram to the library and look at the old maps.",
        "The bridge was built by two brothers who never agreed about the colour of the stones.",
        "In winter the lake freezes, and children skate between the islands until it gets dark.",
        "A friend of mine once walked around the whole lake in a single day and a night.",
        "The tower has three hundred steps, and from the top you can see as far as the sea.",
        "Dinner is served late here, so nobody will mind if you come after nine.",
        "Some visitors prefer the northern road, which is longer but passes through the forest.",
    ];

    private static readonly string[] s_mandarin =
    [
        "现在是早上，太阳刚刚从山后面升起来。",
        "火车七点到站，很多人从车站走到市场。",
        "你可以先去博物馆，因为那里不要门票。",
        "下午如果下雨，就坐电车去图书馆看书。",
        "冬天湖面结冰，孩子们在那里滑冰。",
        "晚饭时间比较晚，九点以后来也没有关系。",
        "这座桥是两个兄弟一起修建的。",
        "从塔上可以看见远处的大海。",
    ];

    private static readonly string[] s_interruptions =
    [
        "Please tell me about something else.", "That is not what I was asking for.", "Can you say that in a shorter way?",
        "I have another question about the weather.", "Okay, but how much does the ticket cost?", "Never mind, let us talk about dinner.",
    ];

    public static IReadOnlyList<string> Interruptions => s_interruptions;

    private static readonly string[] s_mandarinInterruptions = ["请说一点别的事情。", "我还有一个问题想问你。", "今天的天气怎么样？", "可以说得简单一点吗？"];

    private static readonly string[] s_questions =
    [
        "What is the time?", "Where can I buy some bread?", "How far is it to the station?", "Is it going to rain today?", "What should I see in the evening?", "Tell me about the old town.",
    ];

    private static readonly string[] s_mandarinQuestions = ["现在几点了？", "哪里可以买到面包？", "车站离这里多远？", "今天会下雨吗？"];

    public static string ConsoleVoice(bool mandarin) => mandarin ? "espeak-ng" : "flite-slt";

    public static IReadOnlyList<string> Sentences(bool mandarin) => mandarin ? s_mandarin : s_english;

    public static string Interruption(Random random, bool mandarin) => Any(random, mandarin ? s_mandarinInterruptions : s_interruptions);

    public static string Question(Random random, bool mandarin) => Any(random, mandarin ? s_mandarinQuestions : s_questions);

    public static string StopWord(Random random, bool mandarin) => mandarin ? Any(random, ["停", "停下", "别说了"]) : Any(random, ["Stop.", "Stop it.", "Be quiet."]);

    /// <summary>So many sentences in random order.</summary>
    public static IReadOnlyList<string> Reply(Random random, bool mandarin, int sentences)
    {
        var all = Sentences(mandarin).ToArray();
        random.Shuffle(all);
        return [.. Enumerable.Range(0, sentences).Select(i => all[i % all.Length])];
    }

    public static async Task<float[]> AmbienceAsync(EchoPoint point, Voices voices, CancellationToken cancellationToken) => point.Noise switch
    {
        RoomNoise.Fan => Sounds.AtLevel(Sounds.Fan(point.Seed), AmbienceLevel),
        RoomNoise.Keyboard => Sounds.AtLevel([.. Sounds.Keys(point.Seed), .. new float[48_000]], AmbienceLevel),
        RoomNoise.Television => Sounds.AtLevel((await voices.SayAsync("flite-kal16", string.Join(' ', s_english.Reverse().Take(4)), "en", cancellationToken)).Samples, TelevisionLevel),
        _ => [],
    };

    private static string Any(Random random, string[] of) => of[random.Next(of.Length)];
}
