using Bunit;
using Microsoft.Extensions.DependencyInjection;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Engine.Models;
using VoiceConsole.Engine.Telemetry;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Components.Controls;
using VoiceConsole.Web.Live;

namespace VoiceConsole.Tests.Web;

public sealed class PagePiecesTests : PieceContext
{
    [Fact]
    public void Message_WithMarkupAndControlCharacters_IsShownAsInertText()
    {
        var message = new LiveMessage(new TurnId(1)) { User = "<img src=x onerror=alert(1)>\0\u202e", Reply = "<script>alert(1)</script>\u0007" };
        var shown = Render<MessageBubbles>(p => p.Add(c => c.Message, message));

        Assert.Empty(shown.FindAll("img, script"));
        Assert.Equal("<img src=x onerror=alert(1)>\u2400\ufffd", shown.Find(".vc-user .vc-words").TextContent);
        Assert.Equal("<script>alert(1)</script>\u2407", shown.Find("[data-unheard]").TextContent);
    }

    [Fact]
    public void Message_Interrupted_MarksHeardAndUnheardParts()
    {
        var message = new LiveMessage(new TurnId(1)) { Reply = "One two three.", HeardEnd = 7, Interrupted = true };
        var shown = Render<MessageBubbles>(p => p.Add(c => c.Message, message));

        Assert.Equal("One two", shown.Find("[data-heard]").TextContent);
        Assert.Equal(" three.", shown.Find("[data-unheard]").TextContent);
        Assert.Contains("not heard", shown.Find(".vc-note").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Message_BeingSpoken_LightsTheWordThatSounds()
    {
        var message = new LiveMessage(new TurnId(1)) { Reply = "One two three.", HeardEnd = 4, Word = (4, 3) };
        var shown = Render<MessageBubbles>(p => p.Add(c => c.Message, message));
        Assert.Equal(("One ", "two"), (shown.Find("[data-heard]").TextContent, shown.Find("[data-spoken]").TextContent));

        shown.Render(p => p.Add(c => c.Message, message with { Word = null }));
        Assert.Empty(shown.FindAll("[data-spoken]"));
        shown.Render(p => p.Add(c => c.Message, message with { Word = (6, 300) }));
        Assert.Equal(("One ", "two three."), (shown.Find("[data-heard]").TextContent, shown.Find("[data-unheard]").TextContent));
    }

    [Fact]
    public void Waterfall_OfATurn_DrawsStagesThatAddUpToTheWhole()
    {
        long[] marks = [0, 11_200, 12_000, 16_000, 17_600, 19_200, 19_520];
        var stages = TurnTimeline.StageNames.Select((name, i) => new TimelineStage(name, marks[i], marks[i + 1], 16_000)).ToArray();
        var shown = Render<Waterfall>(p => p.Add(c => c.Timeline, new TurnTimeline(new TurnId(1), 16_000, stages)));

        var widths = shown.FindAll("figure > svg > rect").Select(r => double.Parse(r.GetAttribute("width")!.TrimEnd('%')));
        Assert.Equal(100, widths.Sum(), 0.01);
        var times = shown.FindAll("td").Select(t => double.Parse(t.TextContent.Split(' ')[0]));
        Assert.Equal(1220, times.Sum(), 0.01);
        Assert.Equal("1220 ms", shown.Find(".vc-total").TextContent);
    }

    [Fact]
    public async Task TextEntry_WhoseSendFails_KeepsTheTextAndSaysWhy()
    {
        var shown = Render<TextEntry>(p => p
            .Add(c => c.Id, "chat").Add(c => c.Label, "Write")
            .Add(c => c.Send, _ => throw new InvalidOperationException("the conversation has ended.")));
        await shown.Find("textarea").InputAsync(new() { Value = "hello" });
        await shown.Find("button").ClickAsync(new());

        Assert.Equal("hello", shown.Find("textarea").GetAttribute("value"));
        Assert.Equal("Not sent: the conversation has ended.", shown.Find("[role=alert]").TextContent);
    }

    [Fact]
    public void Engines_AreShownWithTheCataloguesLicencesAndStandIns()
    {
        Services.AddSingleton(new ModelStore(ConsolePaths.Find()));
        var started = new ConversationStarted(
            Guid.Empty, DateTimeOffset.UnixEpoch, 16_000, "Built-in", "pocketsphinx-en-us", "my-model.gguf", "flite-slt + espeak-ng", "webrtc");
        var shown = Render<EnginesPanel>(p => p.Add(c => c.Started, started).Add(c => c.OnHost, true));

        Assert.Equal(
            [
                "Built-in MIT", "webrtc Apache-2.0, BSD-3-Clause", "silero-vad MIT", "pocketsphinx-en-us (stand-in for Whisper.net) BSD-2-Clause",
                "my-model.gguf in llama.cpp MIT", "flite-slt (stand-in for Piper) BSD-style (CMU)", "espeak-ng (stand-in for Piper) GPL-3.0-or-later",
            ],
            shown.FindAll("dd").Select(d => string.Join(' ', d.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))));
    }

    [Fact]
    public void Engines_ThatAreNobodysParts_HaveNoLicence()
    {
        Services.AddSingleton(new ModelStore(ConsolePaths.Find()));
        var started = new ConversationStarted(Guid.Empty, DateTimeOffset.UnixEpoch, 16_000, "room", "x", "http://localhost:8080", "x", "none");
        var shown = Render<EnginesPanel>(p => p.Add(c => c.Started, started));

        Assert.Equal("MIT", shown.FindAll(".vc-licence").Single().TextContent);
    }
}
