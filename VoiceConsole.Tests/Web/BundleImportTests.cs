using Bunit;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor.Services;
using VoiceConsole.Tests.Data;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Components.Controls.Library;
using VoiceConsole.Web.Data;

namespace VoiceConsole.Tests.Web;

/// <summary>The button that takes a bundle into the library.</summary>
public sealed class BundleImportTests : PieceContext, IAsyncLifetime
{
    private StoredConsole _here = null!, _there = null!;

    public async ValueTask InitializeAsync()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        _here = await StoredConsole.StartAsync();
        _there = await StoredConsole.StartAsync();
        Services.AddMudServices();
        Services.AddSingleton(_here.Services.GetRequiredService<BundleReader>()).AddSingleton(_here.Paths);
    }

    [Fact]
    public async Task Bundle_IsTaken_AndLeadsToItsConversation_AndASecondTimeIsRefused()
    {
        var id = await _there.StoreAsync(StoredConsole.Start, SampleConversation.Turn(1));
        using var http = (await _there.BrowseAsync()).Http;
        var bundle = await http.GetByteArrayAsync($"conversations/{id}/bundle");
        var shown = Render<BundleImport>();
        Assert.Equal(".zip,application/zip", shown.Find("input[type=file]").GetAttribute("accept"));

        await TakeAsync(shown, new Sent(bundle));
        Assert.Equal($"conversations/{id}", shown.Find("[role=status] a").GetAttribute("href"));
        Assert.NotNull(await _here.Services.GetRequiredService<ConversationLibrary>().OpenAsync(id));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_here.Paths.Data, BundleFolder.Name)));

        await TakeAsync(shown, new Sent(bundle));
        Assert.Contains("is in the library already", shown.Find("[role=alert]").TextContent, StringComparison.Ordinal);
        Assert.Empty(shown.FindAll("[role=status]"));
    }

    [Fact]
    public async Task File_ThatIsNoBundleOrTooLarge_IsRefusedWithTheReason_WhichCanBeReadAway()
    {
        var shown = Render<BundleImport>();
        await TakeAsync(shown, new Sent("no bundle"u8.ToArray()));
        Assert.StartsWith("Not imported.", shown.Find("[role=alert]").TextContent.Trim(), StringComparison.Ordinal);
        Assert.NotEmpty(shown.FindAll("input[type=file]"));
        await shown.Find("[role=alert] button").ClickAsync(new());
        shown.WaitForState(() => shown.FindAll("[role=alert]").Count == 0, TimeSpan.FromSeconds(30));

        await TakeAsync(shown, new Sent([]) { Size = BundleReader.MostBytes + 1 });
        Assert.Contains("at most 4 GB are taken", shown.Find("[role=alert]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FileOnItsWay_ShowsHowFarItIs_AndIsGivenUpByCancel()
    {
        var shown = Render<BundleImport>();
        var half = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var taking = TakeAsync(shown, new Sent(new byte[500]) { Size = 1000, AtItsEnd = half.SetResult });
        await half.Task;
        shown.WaitForAssertion(() => Assert.Equal("0.5", shown.Find("progress").GetAttribute("value")));
        Assert.Equal(("Importing", "Receiving…"), (shown.Find("progress").GetAttribute("aria-label"), shown.Find("[role=status]").TextContent));
        Assert.Empty(shown.FindAll("input[type=file]"));

        shown.Find("button").Click();
        await taking;
        Assert.NotEmpty(shown.FindAll("input[type=file]"));
        Assert.Empty(shown.FindAll("[role=alert], [role=status]"));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_here.Paths.Data, BundleFolder.Name)));
    }

    protected override async ValueTask DisposeAsyncCore()
    {
        await base.DisposeAsyncCore();
        await _here.DisposeAsync();
        await _there.DisposeAsync();
    }

    private static Task TakeAsync(IRenderedComponent<BundleImport> shown, IBrowserFile file)
    {
        var input = shown.FindComponent<InputFile>();
        return shown.InvokeAsync(() => input.Instance.OnChange.InvokeAsync(new InputFileChangeEventArgs([file])));
    }

    /// <summary>A file as a browser sends it.</summary>
    private sealed class Sent(byte[] content) : IBrowserFile
    {
        public string Name => "bundle.zip";

        public DateTimeOffset LastModified => StoredConsole.Start;

        public long Size { get; init; } = content.Length;

        public string ContentType => "application/zip";

        /// <summary>Called when all of the content was read; then no more comes until the reader gives up.</summary>
        public Action? AtItsEnd { get; init; }

        public Stream OpenReadStream(long maxAllowedSize, CancellationToken cancellationToken) => new Arriving(content, AtItsEnd, cancellationToken);
    }

    private sealed class Arriving(byte[] content, Action? atItsEnd, CancellationToken reader) : MemoryStream(content)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Position == Length && atItsEnd is not null)
            {
                atItsEnd();
                await Task.Delay(Timeout.Infinite, reader);
            }

            return await base.ReadAsync(buffer, cancellationToken);
        }
    }
}
