using Bunit;
using CsCheck;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Tests.Data;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Components.Controls.Replay;
using VoiceConsole.Web.Data;
using VoiceConsole.Web.Texts;

namespace VoiceConsole.Tests.Web;

public sealed class ReplayPiecesTests : PieceContext
{
    [Fact]
    public void Timeline_OfATurn_HasItsSpansWordsAndReasons()
    {
        var id = new TurnId(1);
        TurnEvent[] events =
        [
            .. SampleConversation.Turn(1)[..9], new WordHeard(id, 120_000, 0, 4), new WordHeard(id, 121_600, 5, 4), .. SampleConversation.Turn(1)[9..],
            new TurnFailed(new TurnId(2), 160_000, "model", "It fell over.", "Pick it up."),
        ];
        var timeline = new ReplayTimeline(Stored(events));

        Assert.Equal(10, timeline.Length);
        Assert.Equal([(6.25, 6.75, true), (7.45, 7.5, false)], timeline.Spans.Select(s => (s.From, s.To, s.IsUser)));
        Assert.Equal([(7.45, 7.5), (7.5, 7.6)], timeline.Words(1).Select(w => (w.From, w.To)));
        var verdict = timeline.Markers.Single(m => m.Kind == MarkerKind.Verdict);
        Assert.Equal(("The user spoke.", "The user spoke. (ms 200)", "用户说话了。 (毫秒 200)"), (verdict.Reason, verdict.Told(new PageTexts()), verdict.Told(new PageTexts { Language = PageTexts.Chinese })));
        Assert.Equal((10, "It fell over. Pick it up."), timeline.Markers.Where(m => m.Kind == MarkerKind.Failure).Select(m => (m.At, m.Reason)).Single());
        Assert.Empty(timeline.Words(7));
    }

    [Fact]
    public void Window_HoweverItIsMoved_StaysInsideAndKeepsWhatItZoomsAround() =>
        Gen.Select(Gen.Double[0.1, 5000], Gen.Select(Gen.Double[0.01, 100], Gen.Double[-10, 6000], Gen.Int[0, 2]).Array[1, 20]).Sample((length, moves) =>
        {
            var window = ReplayWindow.All(length);
            foreach (var (factor, seconds, kind) in moves)
            {
                window = kind switch { 0 => window.Zoom(factor, seconds), 1 => window.Reveal(seconds), _ => window.Move(factor - 50) };
                Assert.InRange(window.From, 0, window.Length);
                Assert.InRange(window.To, window.From + ReplayWindow.Narrowest - 1e-6, window.Length + 1e-6);
                if (kind == 1 && seconds >= 0 && seconds <= window.Length)
                    Assert.InRange(seconds, window.From - 1e-6, window.To + 1e-6);
            }
        });

    [Fact]
    public void Turn_WithWords_PutsTheirTimesOnThem_AndDimsWhatWasNotHeard()
    {
        var turn = new TurnRow { Number = 1, UserText = "<i>hello</i>", ReplyText = "Good <b>day</b> to you.", Outcome = "interrupted", VoiceToVoiceMs = 700 };
        var shown = Render<ReplayTurn>(p => p.Add(c => c.Turn, turn).Add(c => c.Words, [new ReplayWord(1, 1.5, 0, 4), new ReplayWord(1.5, 2, 5, 10), new ReplayWord(2, 3, 90, 4), new ReplayWord(3, 4, int.MaxValue, 4)]));

        Assert.Equal(["Good", "<b>day</b>"], shown.FindAll(".vc-heard").Select(e => e.TextContent));
        Assert.Equal(["1", "1.5"], shown.FindAll(".vc-heard").Select(e => e.GetAttribute("data-word")));
        Assert.Equal("Good <b>day</b> to you.", string.Concat(shown.FindAll(".vc-console .vc-words span").Select(e => e.TextContent)));
        Assert.Empty(shown.FindAll("b, i"));
    }

    private static StoredConversation Stored(TurnEvent[] events) => new(new ConversationRow { SampleRate = 16_000 }, [], events);
}
