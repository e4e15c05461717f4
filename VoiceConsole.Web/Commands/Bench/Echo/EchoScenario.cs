using VoiceConsole.Engine.Conversation;

namespace VoiceConsole.Web.Commands.Bench.Echo;

/// <summary>What the user of a run does, and how long the console's replies are.</summary>
/// <param name="Id">S1 to S10 of the benchmark's definition, or a name.</param>
/// <param name="What">In a few words.</param>
/// <param name="ReplySentences">Sentences of each reply, about 5 s each.</param>
/// <param name="Play">Runs on the conversation's loop until the scenario is over.</param>
internal sealed record EchoScenario(string Id, string What, int ReplySentences, Func<RoomRun, Task> Play)
{
    /// <summary>Words are judged: a real recogniser hears them.</summary>
    public bool JudgesWords { get; init; }

    /// <summary>RT60 of every room it is played in, in place of the grid's; s.</summary>
    public double? ReverberationTime { get; init; }

    /// <summary>The layers matter in it, and it is also run without each of them.</summary>
    public bool ShowsLayers => Id is "S1" or "S3" or "S4" or "S5";

    public static IReadOnlyList<EchoScenario> All { get; } =
    [
        new("S1", "the console talks alone for 60 s", 12, TalkAloneAsync),
        new("S2", "the user talks, the console is silent", 1, AskAsync),
        new("S3", "the user barges in", 8, BargeInAsync),
        new("S4", "mm-hm and 嗯 over the reply", 8, run => MakeSoundsAsync(run, i => i % 2 == 0
            ? Sounds.MmHm(i, 100 + run.Random.Next(120)) : Sounds.En(i, 100 + run.Random.Next(120)), RoomRun.UserLevel - 4)),
        new("S5", "a cough, a door, keys over the reply", 8, run => MakeSoundsAsync(run, i => (i % 3) switch
        {
            0 => Sounds.Cough(run.Random.Next()),
            1 => Sounds.Door(run.Random.Next()),
            _ => Sounds.Keys(run.Random.Next()),
        }, RoomRun.UserLevel)),
        new("S7", "the user repeats the console's words", 1, RepeatAsync) { JudgesWords = true },
        new("S8", "the reply is there at once, in a room that rings; then the user talks", 2, LongTailAsync) { ReverberationTime = 0.8 },
        new("S9", "closed loop: 20 questions and answers", 1, ConverseAsync),
        new("move", "the console talks alone, and its loudspeaker is moved twice", 12, MoveAsync),
        new("S10", "a stop word over the reply", 8, StopWordAsync) { JudgesWords = true },
    ];

    /// <summary>Not measured, but learnt from.</summary>
    public static EchoScenario OtherNoises { get; } = new("noises", "knocks, beeps, hisses and sirens over the reply", 8, run => MakeSoundsAsync(run, _ => Sounds.Other(run.Random.Next()), RoomRun.UserLevel));

    private static async Task TalkAloneAsync(RoomRun run)
    {
        await run.HaveItTalkAsync();
        while (run.Elapsed < TimeSpan.FromSeconds(60))
        {
            await run.HaveItTalkAsync();
            await run.WaitAsync(0.1, 0.1);
        }
    }

    private static async Task MoveAsync(RoomRun run)
    {
        for (var moves = 0; moves < 3; moves++)
        {
            var until = run.Elapsed + TimeSpan.FromSeconds(15);
            while (run.Elapsed < until)
            {
                await run.HaveItTalkAsync();
                await run.WaitAsync(0.1, 0.1);
            }

            if (moves < 2)
                run.MoveLoudspeaker();
        }
    }

    private static async Task LongTailAsync(RoomRun run)
    {
        for (var i = 0; i < 4; i++)
        {
            await run.HaveItTalkAsync();
            await SilenceAsync(run);
            await run.WaitAsync(0.3, 0.8);
            await run.SpeakAsync(Material.Question(run.Random, run.Mandarin));
            await run.WaitForAsync(ConversationState.Speaking, 5);
        }
    }

    private static async Task AskAsync(RoomRun run)
    {
        for (var i = 0; i < 4; i++)
        {
            await SilenceAsync(run);
            await run.WaitAsync(0.5, 1.5);
            await run.SpeakAsync(Material.Question(run.Random, run.Mandarin));
            await run.WaitForAsync(ConversationState.Speaking, 5);
        }
    }

    private static async Task BargeInAsync(RoomRun run)
    {
        for (var i = 0; i < 6; i++)
        {
            await run.HaveItTalkAsync();
            await run.WaitAsync(0.8, 6);
            await run.HaveItTalkAsync();
            await run.SpeakAsync(Material.Interruption(run.Random, run.Mandarin));
            await run.WaitAsync(2, 2.5);
        }
    }

    private static async Task StopWordAsync(RoomRun run)
    {
        for (var i = 0; i < 6; i++)
        {
            await run.HaveItTalkAsync();
            await run.WaitAsync(0.8, 5);
            await run.HaveItTalkAsync();
            await run.SpeakAsync(Material.StopWord(run.Random, run.Mandarin));
            await run.WaitAsync(2, 2.5);
        }
    }

    private static async Task MakeSoundsAsync(RoomRun run, Func<int, float[]> sound, double level)
    {
        for (var i = 0; i < 9; i++)
        {
            await run.HaveItTalkAsync();
            await run.WaitAsync(1.5, 4);
            await run.HaveItTalkAsync();
            await run.SoundAsync(sound(i), level);
            await run.WaitAsync(1.5, 2);
        }
    }

    private static async Task RepeatAsync(RoomRun run)
    {
        for (var i = 0; i < 3; i++)
        {
            await run.HaveItTalkAsync();
            await SilenceAsync(run);
            await run.WaitAsync(0.6, 1.5);
            await run.SpeakAsync(run.LastHeard());
            await run.WaitForAsync(ConversationState.Speaking, 5);
        }
    }

    private static async Task ConverseAsync(RoomRun run)
    {
        for (var i = 0; i < 20; i++)
        {
            await SilenceAsync(run);
            await run.WaitAsync(0.3, 1);
            await run.SpeakAsync(Material.Question(run.Random, run.Mandarin));
            await run.WaitForAsync(ConversationState.Speaking, 3);
        }
    }

    // A console that answers itself may never be silent: the user does not wait for ever.
    private static Task<bool> SilenceAsync(RoomRun run) => run.WaitForAsync(ConversationState.Listening, 15);
}
