using Microsoft.AspNetCore.Components;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Models;
using VoiceConsole.Web.Data;
using VoiceConsole.Web.Live;
using VoiceConsole.Web.Rerun;

namespace VoiceConsole.Web.Components.Pages;

/// <summary>A stored conversation held once more with another configuration, and what differs.</summary>
public sealed partial class WhatIf
{
    private StoredConversation? _stored, _result;
    private IReadOnlyList<LocalModel> _models = [];
    private RerunConfiguration? _start;
    private string? _folder;
    private LiveProblem? _problem;
    private CancellationTokenSource? _running;
    private double _done;
    private bool _loaded, _gaveWay;

    [Parameter]
    public Guid Id { get; set; }

    protected override async Task OnInitializedAsync()
    {
        try
        {
            _stored = await Library.OpenAsync(Id);
            if (_stored is { } stored)
            {
                _folder = RecordingFolder.Own((await Storage.RequireAsync()).Paths, stored.Row.Recording);
                _models = LocalModel.Find(Paths.Models, EngineLoader.ContextTokens);
                _start = RerunConfiguration.Of(stored, _models, Host.Request);
            }
        }
        catch (StorageException error)
        {
            _problem = new LiveProblem(error.What, error.Remedy);
        }

        _loaded = true;
    }

    public void Dispose() => Cancel();

    private bool IsTalking => Host.Current is not null || Host.IsStarting;

    private void Cancel() => _running?.Cancel();

    private async Task RunAsync(RerunConfiguration configuration)
    {
        if (_running is not null)
            return;
        (_problem, _result, _done, _gaveWay) = (null, null, -1, false);
        if (IsTalking)
        {
            _problem = GaveWay();
            return;
        }

        using var running = _running = new CancellationTokenSource();
        try
        {
            _result = await Runner.RunAsync(_stored!, _folder!, configuration, new Progress(this), running.Token);
        }
        catch (OperationCanceledException) when (running.IsCancellationRequested)
        {
            _problem = _gaveWay ? GaveWay() : null;
        }
        catch (ModelUnavailableException error)
        {
            _problem = new LiveProblem(error.Message, error.Remedy);
        }
        catch (Exception error)
        {
            _problem = new LiveProblem(error.Message, T["Choose another configuration, or run it as it was held."]);
        }
        finally
        {
            _running = null;
        }
    }

    private LiveProblem GaveWay() => new(T["A conversation is going on, and it has the machine to itself."], T["Stop it on the Live page, then run this."]);

    private void Show(double done)
    {
        _done = done;
        // A live conversation has the machine to itself.
        if (IsTalking && !_gaveWay)
        {
            _gaveWay = true;
            Cancel();
        }

        StateHasChanged();
    }

    private sealed class Progress(WhatIf page) : IProgress<double>
    {
        // A page that is gone refuses; nobody looks at it any more.
        public void Report(double value) => _ = page.InvokeAsync(() => page.Show(value)).ContinueWith(
            static refused => _ = refused.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }
}
