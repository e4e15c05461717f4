using VoiceConsole.Engine.Conversation;

namespace VoiceConsole.Tests.Engine.Conversation;

public class OneAtATimeTests
{
    [Fact]
    public void Waiting_behind_another_never_leaves_the_loop()
    {
        var loop = new EventLoop(new VirtualTime());
        using var cancel = new CancellationTokenSource();
        using var one = new OneAtATime();
        var order = new List<string>();
        loop.Run(async () =>
        {
            await one.EnterAsync(cancel.Token);
            var others = Enumerable.Range(0, 50).Select(async i =>
            {
                await one.EnterAsync(cancel.Token);
                order.Add($"{i} {loop.IsCurrent}");
                await Task.Delay(TimeSpan.FromMilliseconds(i), loop.Time, cancel.Token);
                one.Leave();
            }).ToArray();
            await Task.Delay(TimeSpan.FromSeconds(1), loop.Time, cancel.Token);
            one.Leave();
            await Task.WhenAll(others);
        });

        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"{i} True"), order);
    }

    [Fact]
    public void A_caller_cancelled_while_waiting_is_refused_and_the_next_gets_in()
    {
        var loop = new EventLoop(new VirtualTime());
        using var cancel = new CancellationTokenSource();
        using var one = new OneAtATime();
        loop.Run(async () =>
        {
            await one.EnterAsync(CancellationToken.None);
            var given = one.EnterAsync(cancel.Token);
            var patient = one.EnterAsync(CancellationToken.None);
            cancel.Cancel();
            one.Leave();

            await Assert.ThrowsAsync<OperationCanceledException>(() => given);
            await patient;
            one.Leave();
            await one.EnterAsync(CancellationToken.None);
        });
    }
}
