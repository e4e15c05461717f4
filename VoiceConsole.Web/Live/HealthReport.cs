using VoiceConsole.Engine.Models;
using VoiceConsole.Web.Settings;
using VoiceConsole.Web.Texts;

namespace VoiceConsole.Web.Live;

public enum HealthLevel
{
    /// <summary>As it should be.</summary>
    Well,

    /// <summary>Works worse than it should.</summary>
    Degraded,

    /// <summary>Does not work.</summary>
    Failed,
}

/// <summary>How one part of the console is.</summary>
/// <param name="Part">Its name.</param>
/// <param name="What">One sentence.</param>
/// <param name="Remedy">What to do; empty where all is well.</param>
/// <param name="Page">Where that is done, or null.</param>
public sealed record HealthItem(string Part, HealthLevel Level, string What, string Remedy = "", string? Page = null);

/// <summary>What of the console is degraded and what to do about it, gathered from those who know. Made anew whenever it is looked at.</summary>
internal sealed class HealthReport(FirstStart parts, ConversationHost host, DashboardState dashboard, StorageStatus storage, SettingsKeeper settings)
{
    /// <summary>The worst there is.</summary>
    public HealthLevel Worst => Find(new PageTexts()).Max(i => i.Level);

    /// <summary>Every part of the console, what is wrong first.</summary>
    /// <param name="t">The reader's language.</param>
    public IReadOnlyList<HealthItem> Items(PageTexts t) => [.. Find(t).OrderByDescending(i => i.Level)];

    private IEnumerable<HealthItem> Find(PageTexts t) => [.. Parts(t), .. Conversation(t), .. Sound(t), .. Storage(t), .. Settings(t)];

    private IEnumerable<HealthItem> Parts(PageTexts t)
    {
        var name = t["Parts"];
        if (parts.Problem is { } problem)
            return [new(name, HealthLevel.Failed, problem.What, problem.Remedy, "/models")];
        var missing = parts.Parts.Where(p => p.Step != PartStep.Ready).ToList();
        if (missing.Count == 0)
            return parts.Parts.IsEmpty ? [] : [new(name, HealthLevel.Well, t["All {0} parts are here.", parts.Parts.Count], "", "/models")];
        var failed = missing.FindAll(p => p.Problem is not null);
        return failed.Count == 0
            ? [new(name, HealthLevel.Degraded, t["{0} of {1} parts are still being fetched.", missing.Count, parts.Parts.Count], t["Wait: a conversation begins when they are here."], "/")]
            : failed.Select(p => new HealthItem(name, HealthLevel.Failed, p.Problem!.Message, p.Problem.Remedy, "/"));
    }

    // What the conversation says of its engines, its model and its recording.
    private IEnumerable<HealthItem> Conversation(PageTexts t)
    {
        var name = t["Conversation"];
        if (host.Problem is { } problem)
            yield return new(name, HealthLevel.Failed, problem.What, problem.Remedy, "/");
        foreach (var degraded in host.Current is null ? [] : dashboard.Snapshot.Degraded)
            yield return new(name, HealthLevel.Degraded, degraded.What, degraded.Remedy, "/models");
        foreach (var choice in host.Choices.Values.Where(c => c.Problem is not null))
            yield return new(t["Engines"], HealthLevel.Degraded, choice.Problem!.What, choice.Problem.Remedy, "/models");
        if (host.Current is not null && dashboard.Snapshot.Messages.LastOrDefault()?.Failure is { } failure)
            yield return new(name, HealthLevel.Failed, failure.What, failure.Remedy, "/");
        else if (host.Problem is null)
            yield return new(name, HealthLevel.Well, host.Current is null ? t["None is going on; one can be started."] : t["It goes on."]);
    }

    private IEnumerable<HealthItem> Sound(PageTexts t)
    {
        var now = dashboard.Snapshot;
        if (host.Current is not { } conversation)
            yield break;
        yield return now.Device switch
        {
            { Problem: { Length: > 0 } lost } => new(t["Device"], HealthLevel.Failed, lost, t["It is opened again by itself as soon as it is back."], "/settings"),
            { Underruns: > 0 } or { Overruns: > 0 } => new(
                t["Device"], HealthLevel.Degraded, t["The loudspeaker ran dry {0} times, and {1} frames of the microphone were lost.", now.Device.Underruns, now.Device.Overruns],
                t["Close what keeps the processor busy, or choose a smaller model."], "/models"),
            _ => new(t["Device"], HealthLevel.Well, t["Sound flows."]),
        };
        if (conversation.IsHalfDuplex)
            yield return new(t["Echo"], HealthLevel.Degraded, t[now.HalfDuplex?.Reason ?? "Half-duplex: nobody can interrupt the console."], t["Lower the loudspeaker, move it away from the microphone or use headphones first."], "/echo");
        else if (now.Started?.Canceller == "none")
            yield return new(t["Echo"], HealthLevel.Degraded, t["No echo canceller is at work."], t["Use headphones, or choose a canceller."], "/settings");
        else
            yield return new(t["Echo"], HealthLevel.Well, t["The canceller {0} is at work.", now.Started?.Canceller ?? ""]);
        if (now.Lost > 0)
            yield return new(t["Pages"], HealthLevel.Degraded, t["The pages fell behind the conversation and missed {0} of its events.", now.Lost], t["What is stored is whole: look at it in Replay."], "/conversations");
    }

    private IEnumerable<HealthItem> Storage(PageTexts t)
    {
        var name = t["Storage"];
        yield return storage.Problem is { } problem ? new(name, HealthLevel.Failed, problem.What, problem.Remedy) : new(name, HealthLevel.Well, t["Conversations are being stored."], "", "/conversations");
        foreach (var notice in storage.Notices)
            yield return new(name, HealthLevel.Degraded, notice, t["Nothing is to be done; read it away on the Live page."], "/");
    }

    private IEnumerable<HealthItem> Settings(PageTexts t) => settings.Notice is { } notice
        ? [new(t["Settings"], HealthLevel.Degraded, notice, t["Set them again, or import a copy."], "/settings")]
        : [new(t["Settings"], HealthLevel.Well, t["They could be read."], "", "/settings")];
}
