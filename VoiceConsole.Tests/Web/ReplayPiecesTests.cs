using Bunit;
using CsCheck;
using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Tests.Data;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Components.Controls;
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

    [Fact]
    public void ConversationOfMoreEventsThanAreRead_SaysWhereItIsCut_AndAnyOtherNothing()
    {
        var events = Enumerable.Repeat<TurnEvent>(new MicrophoneMuted(16_000 * 75, true), StoredConversation.MaxEvents).ToArray();
        var shown = Render<CutNote>(p => p.Add(c => c.Stored, Stored(events)).AddChildContent("A rerun ends there, too."));
        Assert.Equal("This conversation is very long: its words and events are shown up to 1:15.0. A rerun ends there, too.", shown.Find("[role=note]").TextContent);

        shown.Render(p => p.Add(c => c.Stored, Stored(events[1..])));
        Assert.Empty(shown.Markup.Trim());
    }

    [Fact]
    public void Lane_DrawsWhatIsInView_OfMarkersOnEachOtherTheWeightiest_AndTheirReasonsAsText()
    {
        var id = new TurnId(1);
        var timeline = new ReplayTimeline(Stored([.. SampleConversation.Turn(1), new TurnFailed(id, 119_310, "model", "<b>It</b> fell\u202e over.", "Pick it up."), .. SampleConversation.Turn(9)]));
        var lane = Render<EventLane>(p => p.Add(c => c.Timeline, timeline).Add(c => c.From, 5).Add(c => c.To, 10));

        Assert.Equal(("true", "false"), (lane.Find("svg").GetAttribute("aria-hidden"), lane.Find("svg").GetAttribute("focusable")));
        // The user's 6.25 to 6.75 s and the reply's 7.45 to 7.5 s, of the five seconds in a thousand.
        Assert.Equal([("250", "100"), ("490", "10")], lane.FindAll(".vc-span-user, .vc-span-reply").Select(r => (r.GetAttribute("x")!, r.GetAttribute("width")!)));
        var failure = Assert.Single(lane.FindAll(".vc-mark-failure"));
        Assert.Equal("7.457", failure.GetAttribute("data-seek"));
        Assert.Equal("0:07.4 Failed: model <b>It</b> fell\ufffd over. Pick it up.", failure.TextContent);
        Assert.Empty(lane.FindAll(".vc-mark-verdict, b"));

        lane.Render(p => p.Add(c => c.Timeline, timeline).Add(c => c.From, 7.45).Add(c => c.To, 7.46));
        Assert.Single(lane.FindAll(".vc-mark-verdict"));
        Assert.Empty(lane.FindAll(".vc-span-user"));
    }

    [Fact]
    public void Track_IsDrawnWhereItSounds_OnTheScaleOfAll_AndSaysWhyThereIsNoPicture()
    {
        using var folder = new TempFolder();
        var samples = new float[16_000];
        Array.Fill(samples, 0.5f, 8000, 8000);
        WavWriter.WriteAll(folder / "track.wav", samples, 16_000);
        var track = Render<WaveTrack>(p => p.Add(c => c.Track, "microphone").Add(c => c.Name, "<b>Microphone</b>").Add(c => c.To, 1).Add(c => c.IsComing, true));
        Assert.Equal("being read…", track.Find(".vc-wave-none").TextContent);
        track.Render(p => p.Add(c => c.IsComing, false));
        Assert.Equal("not recorded", track.Find(".vc-wave-none").TextContent);
        Assert.Equal("<b>Microphone</b>", track.Find(".vc-wave-name").TextContent);

        track.Render(p => p.Add(c => c.Peaks, WaveformPeaks.Read(folder / "track.wav")).Add(c => c.FullScale, 0.5f));
        var whole = track.Find("path").GetAttribute("d")!;
        Assert.StartsWith("M0 50L0 50L1 50", whole, StringComparison.Ordinal);
        Assert.Contains("L499 50L500 2L501 2", whole, StringComparison.Ordinal);
        Assert.Equal("true", track.Find("svg").GetAttribute("aria-hidden"));
        Assert.Empty(track.FindAll(".vc-wave-none"));

        track.Render(p => p.Add(c => c.From, 0.5));
        Assert.StartsWith("M0 50L0 2L1 2", track.Find("path").GetAttribute("d"), StringComparison.Ordinal);
        track.Render(p => p.Add(c => c.FullScale, 1));
        Assert.StartsWith("M0 50L0 25.", track.Find("path").GetAttribute("d"), StringComparison.Ordinal);
    }

    private static StoredConversation Stored(TurnEvent[] events) => new(new ConversationRow { SampleRate = 16_000 }, [], events);
}
