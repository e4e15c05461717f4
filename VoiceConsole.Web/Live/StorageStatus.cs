using System.Collections.Immutable;

namespace VoiceConsole.Web.Live;

/// <summary>What storage has to tell the people at the page. Thread-safe.</summary>
internal sealed class StorageStatus(LiveSignal signal)
{
    private const int MaxNotices = 20;
    private ImmutableList<string> _notices = [];
    private LiveProblem? _problem;

    /// <summary>What was found and done, one sentence each, oldest first; each stays until somebody has read it away.</summary>
    public ImmutableList<string> Notices => Volatile.Read(ref _notices);

    /// <summary>Why nothing is stored at the moment; null while all is well.</summary>
    public LiveProblem? Problem
    {
        get => Volatile.Read(ref _problem);
        set
        {
            Volatile.Write(ref _problem, value);
            signal.Notify();
        }
    }

    public void Tell(string notice)
    {
        ImmutableInterlocked.Update(ref _notices, (list, added) => list.Contains(added) ? list : list.Add(added).RemoveRange(0, Math.Max(0, list.Count + 1 - MaxNotices)), notice);
        signal.Notify();
    }

    public void Dismiss(string notice)
    {
        ImmutableInterlocked.Update(ref _notices, (list, read) => list.Remove(read), notice);
        signal.Notify();
    }
}
