using System.Collections.Immutable;
using VoiceConsole.Engine.Models;
using VoiceConsole.Web.Data;
using VoiceConsole.Web.Live;

namespace VoiceConsole.Web.Rerun;

/// <summary>The newest rerun of one conversation.</summary>
/// <param name="Configuration">What it is held with.</param>
/// <param name="Done">0 to 1; negative while the engines are loaded or another rerun is waited for.</param>
/// <param name="IsRunning">It is not over yet.</param>
/// <param name="Result">What came of it; null until then.</param>
/// <param name="Problem">Why nothing came of it; null where something did, or it was cancelled.</param>
public sealed record RerunState(RerunConfiguration Configuration, double Done, bool IsRunning, StoredConversation? Result = null, LiveProblem? Problem = null);

/// <summary>Runs reruns whether their page is open or not, and keeps the newest results, so that a page that is loaded again shows them. Thread-safe.</summary>
internal sealed class RerunHost(RerunRunner runner, ConversationHost host, LiveSignal signal) : IAsyncDisposable
{
    /// <summary>A result holds all events of a conversation.</summary>
    public const int MostKept = 4;

    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, (CancellationTokenSource Stop, Task Work)> _running = [];
    private ImmutableList<(Guid Conversation, RerunState State)> _states = [];

    /// <summary>The conversation's; null when none was run, or long ago.</summary>
    public RerunState? Of(Guid conversation) => Volatile.Read(ref _states).Find(s => s.Conversation == conversation).State;

    /// <summary>Begins one, unless one of this conversation is running. A live conversation has the machine to itself: then it is refused.</summary>
    /// <param name="stored">As the library opens it.</param>
    /// <param name="folder">Its tracks.</param>
    /// <param name="configuration">What it is held with.</param>
    public void Start(StoredConversation stored, string folder, RerunConfiguration configuration)
    {
        lock (_lock)
        {
            if (_running.ContainsKey(stored.Row.Id))
                return;
            if (IsTalking)
            {
                Note(stored.Row.Id, new RerunState(configuration, 0, IsRunning: false, Problem: GaveWay));
                return;
            }

            Note(stored.Row.Id, new RerunState(configuration, -1, IsRunning: true));
            var stop = new CancellationTokenSource();
            _running[stored.Row.Id] = (stop, Task.Run(() => RunAsync(stored, folder, configuration, stop), CancellationToken.None));
        }
    }

    public void Cancel(Guid conversation)
    {
        lock (_lock)
        {
            if (_running.TryGetValue(conversation, out var running))
                running.Stop.Cancel();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task[] all;
        lock (_lock)
        {
            foreach (var (stop, _) in _running.Values)
                stop.Cancel();
            all = [.. _running.Values.Select(r => r.Work)];
        }

        await Task.WhenAll(all);
    }

    private static LiveProblem GaveWay => new("A conversation is going on, and it has the machine to itself.", "Stop it on the Live page, then run this.");

    private bool IsTalking => host.Current is not null || host.IsStarting;

    private async Task RunAsync(StoredConversation stored, string folder, RerunConfiguration configuration, CancellationTokenSource stop)
    {
        var progress = new Progress(this, stored.Row.Id, configuration, stop);
        var last = new RerunState(configuration, 0, IsRunning: false);
        try
        {
            last = last with { Done = 1, Result = await runner.RunAsync(stored, folder, configuration, progress, stop.Token) };
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            last = last with { Problem = progress.GaveWay ? GaveWay : null };
        }
        catch (ModelUnavailableException error)
        {
            last = last with { Problem = new LiveProblem(error.Message, error.Remedy) };
        }
        catch (Exception error)
        {
            last = last with { Problem = new LiveProblem(error.Message, "Choose another configuration, or run it as it was held.") };
        }

        lock (_lock)
        {
            _running.Remove(stored.Row.Id);
            stop.Dispose();
            Note(stored.Row.Id, last);
        }
    }

    private void Note(Guid conversation, RerunState state)
    {
        ImmutableInterlocked.Update(ref _states, static (all, noted) =>
        {
            var others = all.RemoveAll(s => s.Conversation == noted.Conversation).Add((noted.Conversation, noted.State));
            return others.Count > MostKept ? others.RemoveRange(0, others.Count - MostKept) : others;
        }, (Conversation: conversation, State: state));
        signal.Notify();
    }

    private sealed class Progress(RerunHost reruns, Guid conversation, RerunConfiguration configuration, CancellationTokenSource stop) : IProgress<double>
    {
        public bool GaveWay { get; private set; }

        public void Report(double value)
        {
            reruns.Note(conversation, new RerunState(configuration, value, IsRunning: true));
            if (!reruns.IsTalking)
                return;
            GaveWay = true;
            stop.Cancel();
        }
    }
}
