using System.Diagnostics.CodeAnalysis;
using VoiceConsole.Engine.Language;

namespace VoiceConsole.Engine.Conversation;

/// <summary>
/// Has the model read the history and the words so far while the user still speaks, so that at the end of the turn hardly
/// anything is left to read. One prompt at a time, then the newest. Belongs to the loop.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Whoever runs with the source frees it.")]
internal sealed class PrefillAhead(string system, SpokenHistory history)
{
    private CancellationTokenSource? _reading;
    private (ReplyStream Model, string Words)? _newest;

    /// <summary>The user's words so far; the history must be complete up to them.</summary>
    public void Read(ReplyStream model, string words)
    {
        _newest = (model, words);
        if (_reading is null)
            RunAsync(_reading = new CancellationTokenSource());
    }

    /// <summary>The reply itself is to be asked for.</summary>
    public void Stop()
    {
        _newest = null;
        _reading?.Cancel();
        _reading = null;
    }

    private async void RunAsync(CancellationTokenSource reading)
    {
        using (reading)
        {
            while (_reading == reading && _newest is { } newest)
            {
                _newest = null;
                try
                {
                    await newest.Model.PrefillAsync(PromptBuilder.Build(system, history.With(newest.Words)), reading.Token);
                }
                catch (Exception)
                {
                    // Only time is lost. Where the model is in trouble, the reply will say so.
                }
            }

            if (_reading == reading)
                _reading = null;
        }
    }
}
