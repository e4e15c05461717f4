namespace VoiceConsole.Web.Commands;

/// <summary>Progress as lines on standard error, each sentence once.</summary>
internal sealed class ConsoleProgress : IProgress<string>
{
    private string? _last;

    public void Report(string value)
    {
        if (Interlocked.Exchange(ref _last, value) != value)
            Console.Error.WriteLine(value);
    }
}
