using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Models;
using VoiceConsole.Web.Components.Controls.Rerun;
using VoiceConsole.Web.Data;
using VoiceConsole.Web.Live;
using VoiceConsole.Web.Rerun;

namespace VoiceConsole.Web.Components.Pages;

/// <summary>A stored conversation held once more with another configuration, and what differs.</summary>
public sealed partial class WhatIf
{
    private StoredConversation? _stored;
    private IReadOnlyList<LocalModel> _models = [];
    private IReadOnlyList<LocalSpeech> _speech = [];
    private RerunConfiguration? _start;
    private string? _folder;
    private LiveProblem? _problem;
    private bool _loaded;

    [Parameter]
    public Guid Id { get; set; }

    /// <summary>What of the comparison is in view, in seconds; null for all.</summary>
    [SupplyParameterFromQuery]
    public double? From { get; set; }

    [SupplyParameterFromQuery]
    public double? To { get; set; }

    /// <summary>Only turns that differ are shown.</summary>
    [SupplyParameterFromQuery]
    public bool Differing { get; set; }

    protected override async Task OnInitializedAsync()
    {
        try
        {
            _stored = await Library.OpenAsync(Id);
            if (_stored is { } stored)
            {
                _folder = RecordingFolder.Own((await Storage.RequireAsync()).Paths, stored.Row.Recording);
                (_models, _speech) = await Task.Run(() => (Store.LocalModels(EngineLoader.ContextTokens), LocalSpeech.Find(Paths.Models)));
                _start = RerunConfiguration.Of(stored, _models, _speech, Host.Request);
            }
        }
        catch (StorageException error)
        {
            _problem = new LiveProblem(error.What, error.Remedy);
        }

        _loaded = true;
    }

    // The address says what is looked at, so that a reload comes back to it.
    private async Task KeepAsync(RerunView view) => await Script.InvokeVoidAsync("voiceconsole.replaceAddress", Navigation.GetUriWithQueryParameters(new Dictionary<string, object?>
    {
        ["from"] = view.From?.ToString("0.###", CultureInfo.InvariantCulture),
        ["to"] = view.To?.ToString("0.###", CultureInfo.InvariantCulture),
        ["differing"] = view.OnlyDifferent ? true : null,
    }));

    protected override object? Shown => Reruns.Of(Id) ?? (object)"";
}
