using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Components.Controls.Echo;
using VoiceConsole.Web.Live;

namespace VoiceConsole.Tests.Web;

public sealed class EchoPiecesTests : PieceContext
{
    private static readonly EchoReading s_reading = new(64, 18.5, 22, 31.5, -4, 1, IsReplying: true, IsLowered: false, IsDeaf: false);
    private readonly FakeTimeProvider _time = new();
    private readonly FakeConversation _conversation = new() { Echo = s_reading };

    public EchoPiecesTests()
    {
        var signal = new LiveSignal(_time);
        var host = new ConversationHost(new FakeConversationFactory(() => _conversation), new ConversationRequest(), new DashboardState(signal), signal, _time, Microsoft.Extensions.Logging.Abstractions.NullLogger<ConversationHost>.Instance);
        Services.AddSingleton(signal).AddSingleton(host).AddSingleton(new EchoMonitor(host, _time));
    }

    private EchoMonitor Monitor => Services.GetRequiredService<EchoMonitor>();

    [Fact]
    public async Task LastMinute_IsThereForWhoComesBack_WithAGapAsLongAsNobodyLooked()
    {
        await Services.GetRequiredService<ConversationHost>().StartAsync();
        using (Monitor.Watch(() => { }))
            Advance(10);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(11, Monitor.Readings.Length);
        using (Monitor.Watch(() => { }))
            Advance(2);

        Assert.Equal(11 + 10 + 2, Monitor.Readings.Length, 1.0);
        Assert.Equal(13.0, Monitor.Readings.Count(r => r is not null), 1.0);
        using (Monitor.Watch(() => { }))
            Advance(200);
        Assert.Equal(EchoMonitor.Most, Monitor.Readings.Length);
    }

    [Fact]
    public async Task Lane_IsColouredByGateAndBreaker_NeighboursInOnePiece()
    {
        await Services.GetRequiredService<ConversationHost>().StartAsync();
        var strips = Render<EchoStrips>();
        Advance(3);
        _conversation.Echo = s_reading with { IsLowered = true };
        Advance(2);
        _conversation.Echo = s_reading with { IsReplying = false };
        Advance(2);
        _conversation.Echo = s_reading with { IsDeaf = true, IsBroken = true };
        Advance(1);
        strips.WaitForAssertion(() => Assert.Equal(["vc-gate-watch", "vc-gate-lower", "vc-gate-broken"], strips.FindAll(".vc-gate rect").Select(r => r.ClassName)));

        Assert.Equal("2", strips.FindAll(".vc-gate rect")[1].GetAttribute("width"));
        Assert.Contains(strips.FindAll("figcaption"), f => f.TextContent.Contains("800", StringComparison.Ordinal));
    }

    [Fact]
    public void Verdicts_AreListedNewestFirst_WithTheirEvidence_AndInertText()
    {
        var log = Render<VerdictLog>(p => p.Add(c => c.Verdicts,
        [
            new VerdictReached(new TurnId(1), 16_000, "duck", "one", new Dictionary<string, double>()),
            new VerdictReached(new TurnId(2), 32_000, "stop", "<b>two</b>", new Dictionary<string, double> { ["clear bands"] = 7.125 }),
        ]));
        Assert.Equal(["stop", "duck"], log.FindAll("tbody th").Select(t => t.TextContent));
        Assert.Equal("clear bands 7.13", log.Find(".vc-evidence").TextContent);
        Assert.Empty(log.FindAll("b"));
    }

    private void Advance(int readings)
    {
        for (var i = 0; i < readings; i++)
            _time.Advance(EchoMonitor.Interval);
    }
}
