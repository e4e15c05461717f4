using System.Text.Json;
using VoiceConsole.Engine.Training.Finetune;

namespace VoiceConsole.Web.Commands.Train;

/// <summary>A run that another program follows: a line of JSON on standard output for each report, and it stops where it stands when standard input ends.</summary>
internal sealed class FollowedRun : IProgress<FineTuneProgress>, IDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource _stop;
    private double? _validation;
    private long _last;

    public FollowedRun(CancellationToken cancellationToken)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _ = Task.Run(() =>
        {
            while (Console.In.Read() >= 0)
                continue;
            _stop.Cancel();
        }, CancellationToken.None);
    }

    public CancellationToken Stopped => _stop.Token;

    public void Report(FineTuneProgress value)
    {
        var now = TimeProvider.System.GetTimestamp();
        if (value.Step != value.Steps && value.ValidationLoss == _validation && _last != 0 && TimeProvider.System.GetElapsedTime(_last, now) < s_pause)
            return;
        (_validation, _last) = (value.ValidationLoss, now);
        Console.Out.WriteLine(JsonSerializer.Serialize(value));
    }

    public void Dispose() => _stop.Dispose();
}
