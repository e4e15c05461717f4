using VoiceConsole.Engine.Training.Finetune;

namespace VoiceConsole.Web.Commands.Train;

/// <summary>A run's progress on standard error: one line that is written over, or where that cannot be a line every few seconds.</summary>
internal sealed class TrainProgress : IProgress<FineTuneProgress>
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(10);

    private long? _last;

    public void Report(FineTuneProgress value)
    {
        var isLast = value.Step == value.Steps;
        if (!Console.IsErrorRedirected)
        {
            Console.Error.Write($"\r{value}    {(isLast ? "\n" : "")}");
        }
        else if (isLast || _last is not { } last || TimeProvider.System.GetElapsedTime(last) > s_pause)
        {
            Console.Error.WriteLine(value);
            _last = TimeProvider.System.GetTimestamp();
        }
    }
}
