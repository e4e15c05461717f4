using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using VoiceConsole.Engine.Audio;
using VoiceConsole.Web.Components.Controls.Replay;
using VoiceConsole.Web.Data;
using VoiceConsole.Web.Live;

namespace VoiceConsole.Web.Components.Pages;

/// <summary>One stored conversation, to see and hear again. What moves while it plays is done in replay.js.</summary>
public sealed partial class Replay
{
    private const int TurnsShown = 40;
    private const int EventsShown = 200;
    private const int MaxTitle = 120;

    private static readonly (string Track, string Name)[] s_tracks = [("microphone", "Microphone"), ("loopback", "Loudspeaker"), ("processed", "Processed")];

    private readonly HashSet<string> _mix = ["microphone", "loopback"];
    private Dictionary<string, double> _tracks = [];
    private Dictionary<string, WaveformPeaks> _peaks = [];
    private bool _reading;
    private StoredConversation? _stored;
    private ReplayTimeline? _timeline;
    private LibraryChoices _choices = new([], []);
    private LiveProblem? _problem;
    private string? _silent;
    private string? _ticket;
    private ReplayWindow _window = ReplayWindow.All(1);
    private float _fullScale = 1;
    private double _start;
    private int _first;
    private bool _loaded, _attached;
    private ElementReference _root;
    private IJSObjectReference? _player;
    private DotNetObjectReference<Replay>? _self;
    private readonly CancellationTokenSource _leaving = new();
    private readonly CancellationToken _gone;

    // Whoever is still loading when the page goes asks for the token once more.
    public Replay() => _gone = _leaving.Token;

    [Parameter]
    public Guid Id { get; set; }

    /// <summary>Where to begin, in seconds.</summary>
    [SupplyParameterFromQuery]
    public double? At { get; set; }

    /// <summary>What is in view, in seconds; null for all.</summary>
    [SupplyParameterFromQuery]
    public double? From { get; set; }

    [SupplyParameterFromQuery]
    public double? To { get; set; }

    /// <summary>The tracks that are listened to, with commas between; null for microphone and loudspeaker.</summary>
    [SupplyParameterFromQuery]
    public string? Mix { get; set; }

    private string Title => _stored?.Turns.FirstOrDefault(t => !string.IsNullOrWhiteSpace(t.UserText))?.UserText is { } words
        ? VisibleText.Of(words.Length > MaxTitle ? words[..MaxTitle] + "…" : words)
        : T["Conversation"];

    private IReadOnlyList<TurnRow> Shown => [.. _stored!.Turns.Skip(_first).Take(TurnsShown)];

    private double TextFrom => _first == 0 ? 0 : _stored!.Seconds(_stored.Turns[_first].StartPosition);

    private double TextTo => _first + TurnsShown >= _stored!.Turns.Count ? double.MaxValue : _stored.Seconds(_stored.Turns[_first + TurnsShown].StartPosition);

    public async ValueTask DisposeAsync()
    {
        if (_ticket is not null)
            Tickets.Withdraw(_ticket);
        await _leaving.CancelAsync();
        _leaving.Dispose();
        _self?.Dispose();
        try
        {
            if (_player is not null)
            {
                await _player.InvokeVoidAsync("detach");
                await _player.DisposeAsync();
            }
        }
        catch (JSDisconnectedException)
        {
            // The page is gone, and its player with it.
        }
    }

    /// <summary>Called by the player when it comes to a moment that is not in view.</summary>
    [JSInvokable]
    public void Reveal(double seconds)
    {
        if (_stored is null || !double.IsFinite(seconds))
            return;
        _window = _window.Reveal(seconds);
        ShowTurnAt(seconds);
        StateHasChanged();
    }

    /// <summary>Called by the player's keys, buttons and wheel.</summary>
    [JSInvokable]
    public void Zoom(double factor, double around)
    {
        if (!double.IsFinite(factor) || !double.IsFinite(around) || factor <= 0)
            return;
        _window = _window.Zoom(factor, around);
        StateHasChanged();
    }

    protected override async Task OnInitializedAsync()
    {
        try
        {
            _stored = await Library.OpenAsync(Id);
            _choices = await Library.ChoicesAsync();
            if (_stored is not null && await PrepareAsync(_stored) is { } folder)
                _ = DrawSoundAsync(folder);
        }
        catch (StorageException error)
        {
            _problem = new LiveProblem(error.What, error.Remedy);
        }

        _loaded = true;
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_attached || _timeline is null)
            return;
        _attached = true;
        _self = DotNetObjectReference.Create(this);
        var player = await Script.InvokeAsync<IJSObjectReference>("import", "./replay.js");
        // Who has left meanwhile needs no player, and an error of a page that is gone would cover the one that is there.
        if (_gone.IsCancellationRequested)
        {
            await player.DisposeAsync();
            return;
        }

        _player = player;
        await _player.InvokeVoidAsync("attach", _root, _self, _start, Sound());
    }

    private async Task<string?> PrepareAsync(StoredConversation stored)
    {
        var timeline = new ReplayTimeline(stored);
        var database = await Storage.RequireAsync();
        var sound = RecordingFolder.Own(database.Paths, stored.Row.Recording);
        // Who has left meanwhile would never give the ticket back.
        if (sound is { } folder && !_gone.IsCancellationRequested)
        {
            _ticket = Tickets.Issue(folder, Session.Browser);
            _tracks = Lengths(folder);
            _reading = _tracks.Count > 0;
        }

        TellSilence();
        if (Mix is { } mix)
        {
            _mix.Clear();
            _mix.UnionWith(mix.Split(','));
        }

        _mix.IntersectWith(_tracks.Keys);
        _window = ReplayWindow.All(Math.Max(timeline.Length, _tracks.Values.DefaultIfEmpty().Max())).Between(From, To);
        _start = At is { } at && double.IsFinite(at) ? Math.Clamp(at, 0, _window.Length) : 0;
        ShowTurnAt(_start, timeline);
        _timeline = timeline;
        return _reading ? sound : null;
    }

    private void TellSilence() => _silent = _tracks.Count > 0 ? null
        : _stored!.Row.Recording is null ? T["The sound of this conversation was not recorded."]
        : T["The sound lies outside data/recordings or is gone: only what the console keeps there is played."];

    // Reading an hour of sound takes a second or two; the words need not wait for it.
    private async Task DrawSoundAsync(string folder)
    {
        try
        {
            _peaks = await Task.Run(() => ReadPeaks(folder), _gone);
        }
        catch (OperationCanceledException)
        {
            // Nobody looks any more.
            return;
        }

        _fullScale = Math.Max(0.05f, _peaks.Values.Select(p => p.Loudest).DefaultIfEmpty(1).Max());
        foreach (var damaged in _tracks.Keys.Except(_peaks.Keys).ToList())
        {
            _tracks.Remove(damaged);
            _mix.Remove(damaged);
        }

        TellSilence();
        _reading = false;
        StateHasChanged();
    }

    // Of the tracks that are there, by what their heads say, in seconds.
    private static Dictionary<string, double> Lengths(string folder)
    {
        var lengths = new Dictionary<string, double>();
        foreach (var (track, file) in RecordingTickets.Files)
        {
            try
            {
                using var reader = new WavReader(Path.Combine(folder, file));
                lengths[track] = reader.Samples / (double)reader.SampleRate;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
            {
                // Shown as not recorded.
            }
        }

        return lengths;
    }

    private Dictionary<string, WaveformPeaks> ReadPeaks(string folder)
    {
        var peaks = new ConcurrentDictionary<string, WaveformPeaks>();
        Parallel.ForEach(RecordingTickets.Files, new ParallelOptions { CancellationToken = _gone }, track =>
        {
            try
            {
                peaks[track.Key] = Waveforms.Read(Path.Combine(folder, track.Value), _gone);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
            {
                // Shown as not recorded.
            }
        });

        return new(peaks);
    }

    // Leaves the turns that are there when the wanted one is among them.
    private void ShowTurnAt(double seconds, ReplayTimeline? timeline = null)
    {
        var turn = (timeline ?? _timeline!).TurnAt(seconds);
        if (turn < _first || turn >= _first + TurnsShown)
            _first = Math.Max(0, turn - TurnsShown / 4);
    }

    private string? Sound() => _ticket is null || _mix.Count == 0 ? null : RecordingTickets.Address(_ticket, _mix);

    private async Task MixAsync(string track, bool on)
    {
        _ = on ? _mix.Add(track) : _mix.Remove(track);
        if (_player is not null)
            await _player.InvokeVoidAsync("listen", Sound());
    }

    private Task RateAsync(int? stars)
    {
        _stored!.Row.Rating = stars;
        return DoAsync(() => Library.RateAsync(Id, stars));
    }

    private Task AddTagAsync(string tag) => DoAsync(async () =>
    {
        await Library.TagAsync(Id, tag);
        await ReadTagsAsync();
    });

    private Task RemoveTagAsync(string tag) => DoAsync(async () =>
    {
        await Library.UntagAsync(Id, tag);
        await ReadTagsAsync();
    });

    private async Task ReadTagsAsync()
    {
        if ((await Library.DescribeAsync([new LibraryHit(Id, null)])) is not [var item])
            return;
        _stored!.Row.Tags.Clear();
        _stored.Row.Tags.AddRange(item.Row.Tags);
    }

    private async Task DoAsync(Func<Task> change)
    {
        try
        {
            await change();
            _problem = null;
        }
        catch (StorageException error)
        {
            _problem = new LiveProblem(error.What, error.Remedy);
        }
        catch (ArgumentException error)
        {
            _problem = new LiveProblem(error.Message, "");
        }
    }

    private static string Number(double value) => Math.Min(value, 1e9).ToString("0.###", CultureInfo.InvariantCulture);
}
