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
    private StoredConversation? _stored;
    private IReadOnlyList<LocalModel> _models = [];
    private IReadOnlyList<LocalSpeech> _speech = [];
    private RerunConfiguration? _start;
    private string? _folder;
    private LiveProblem? _problem;
    private bool _loaded;

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

    protected override object? Shown => Reruns.Of(Id) ?? (object)"";
}
