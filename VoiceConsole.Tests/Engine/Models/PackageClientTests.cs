using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Models;
using VoiceConsole.Engine.Models.Sources;
using VoiceConsole.Tests.Support;

namespace VoiceConsole.Tests.Engine.Models;

/// <summary>Clients that hang, fail and dawdle: small scripts in the place of npm and apt, on a clock of the test's own.</summary>
public sealed class PackageClientTests : IDisposable
{
    private static readonly CatalogPart s_part = new(
        "model", "llm", "A model", "MIT", PartSource.Npm, [new PartArchive("a-package", "1.0.0", new string('0', 64), 2_000_000)]);

    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new();

    public PackageClientTests()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the clients' stand-ins are shell scripts");
        MakeFifo("alive");
        MakeFifo("go");
    }

    public void Dispose() => _folder.Dispose();

    // The script and its child hold the pipe "alive" open; its end says that both are gone.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ClientThatHangs_IsGivenUp_AndNothingOfItRunsOn(bool cancelled)
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var fetching = Npm("exec 3> ../alive; sleep 100000 & wait").FetchAsync(s_part, Inside("fetch"), _ => { }, cancel.Token);
        await using var alive = OpenFifo("alive", FileAccess.Read);

        if (cancelled)
            await cancel.CancelAsync();
        else
            await PassTimeUntilAsync(() => fetching.IsCompleted);

        var error = await Record.ExceptionAsync(() => fetching);
        Assert.Equal(0, await alive.ReadAsync(new byte[1], TestContext.Current.CancellationToken));
        if (cancelled)
        {
            Assert.IsAssignableFrom<OperationCanceledException>(error);
            return;
        }

        var refused = Assert.IsType<ModelUnavailableException>(error);
        Assert.Contains("done nothing for 60 s", refused.Message, StringComparison.Ordinal);
        Assert.NotEmpty(refused.Remedy);
    }

    [Fact]
    public async Task AptThatHangs_IsGivenUp()
    {
        var apt = new AptSource(new ToolRun(_time), Inside("state"), Script("apt-get", "exec sleep 100000"));
        var fetching = apt.FetchAsync(s_part, Inside("fetch"), _ => { }, TestContext.Current.CancellationToken);
        await PassTimeUntilAsync(() => fetching.IsCompleted);

        Assert.Contains("done nothing", (await Assert.ThrowsAsync<ModelUnavailableException>(() => fetching)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AptThatReachesNoList_SaysSo()
    {
        var apt = new AptSource(new ToolRun(_time), Inside("state"), Script("apt-get", """
            case "$*" in
            *update*) echo 'W: Failed to fetch http://deb.invalid/dists/x  Temporary failure resolving' >&2 ;;
            *) echo "E: Can't find a source to download version" >&2; exit 100 ;;
            esac
            """));
        var error = await Assert.ThrowsAsync<ModelUnavailableException>(() => apt.FetchAsync(s_part, Inside("fetch"), _ => { }, TestContext.Current.CancellationToken));

        Assert.Contains("Temporary failure resolving", error.Message, StringComparison.Ordinal);
    }

    // The machine's lists know nothing, ours know only the version that replaced the pinned one.
    [Fact]
    public async Task AptWhoseListsHaveANewerVersion_BringsIt_WithTheHashOfItsLists()
    {
        var fetched = await ReplacedAsync(new string('a', 64));

        var archive = Assert.Single(fetched);
        Assert.Equal(("1:1.0.1", new string('a', 64)), (archive.Version, archive.Sha256));
        Assert.Equal("newest", await File.ReadAllTextAsync(archive.File, TestContext.Current.CancellationToken));
        var calls = await File.ReadAllLinesAsync(_folder / "calls", TestContext.Current.CancellationToken);
        Assert.Equal(["download a-package=1.0.0", "own update", "own download a-package=1.0.0", "own download a-package"], calls);
    }

    [Theory]
    [InlineData("")]
    [InlineData("abc")]
    public async Task AptWhoseListsDoNotTellTheHash_IsRefused(string hash)
    {
        var error = await Assert.ThrowsAsync<ModelUnavailableException>(() => ReplacedAsync(hash));

        Assert.Contains("1:1.0.1, and its lists do not say", error.Message, StringComparison.Ordinal);
        Assert.NotEmpty(error.Remedy);
    }

    // The store takes nothing whose bytes are not what the lists say.
    [Fact]
    public async Task AptThatBringsOtherBytesThanItsListsSay_NothingIsInstalled()
    {
        var part = s_part with { Source = PartSource.Apt };
        var store = new ModelStore(new ConsolePaths(_folder.Path), new ModelCatalog([part]), _ => Replaced(new string('a', 64)));

        var error = await Assert.ThrowsAsync<ModelUnavailableException>(() => store.RequireAsync(part.Id, null, TestContext.Current.CancellationToken));

        Assert.Contains("SHA-256", error.Message, StringComparison.OrdinalIgnoreCase);
        Assert.False(Assert.Single(store.List()).IsInstalled);
    }

    [Theory]
    [InlineData("mkdir -p \"$5/a-package/1.0.0\"; echo content > \"$5/a-package/1.0.0/a-package.1.0.0.nupkg\"", null)]
    [InlineData("echo 'error: a-package is not found' >&2; exit 1", "a-package is not found")]
    [InlineData("echo done", "dotnet could not fetch a-package 1.0.0")]
    public async Task Dotnet_BringsThePackage_OrItsReason(string script, string? reason)
    {
        // Its arguments: package download PACKAGE@VERSION --output FOLDER.
        var fetching = new NuGetSource(new ToolRun(TimeProvider.System), Script("dotnet", script)).FetchAsync(s_part, Inside("fetch"), _ => { }, TestContext.Current.CancellationToken);

        if (reason is null)
            Assert.Equal("a-package.1.0.0.nupkg", Path.GetFileName((await fetching).Single().File));
        else
            Assert.Contains(reason, (await Assert.ThrowsAsync<ModelUnavailableException>(() => fetching)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NpmThatDawdles_IsWaitedFor_AndItsBytesAreSeen()
    {
        long seen = 0;
        // Its arguments: pack PACKAGE --pack-destination FOLDER --cache FOLDER.
        var fetching = Npm("""
            head -c 1000000 /dev/zero > "$6/tmp"
            echo > ../alive
            read line < ../go
            head -c 2000000 /dev/zero > "$6/tmp"
            echo > ../alive
            read line < ../go
            cp "$6/tmp" "$4/a-package-1.0.0.tgz"
            echo a-package-1.0.0.tgz
            """).FetchAsync(s_part, Inside("fetch"), bytes => Volatile.Write(ref seen, bytes), TestContext.Current.CancellationToken);

        foreach (var written in new[] { 1_000_000, 2_000_000 })
        {
            await WordFromClientAsync();
            await PassTimeUntilAsync(() => Volatile.Read(ref seen) == written);
            await GoOnAsync();
        }

        Assert.Equal(2_000_000, new FileInfo((await fetching).Single().File).Length);
        Assert.False(Directory.Exists(Inside("fetch") + "/npm"));
    }

    [Fact]
    public async Task AptThatDawdles_ItsBytesAreSeen()
    {
        long seen = 0;
        var apt = new AptSource(new ToolRun(_time), Inside("state"), Script("apt-get", """
            head -c 1500000 /dev/zero > a-package_1.0.0_amd64.deb
            echo > ../alive
            read line < ../go
            """));
        var fetching = apt.FetchAsync(s_part, Inside("fetch"), bytes => Volatile.Write(ref seen, bytes), TestContext.Current.CancellationToken);
        await WordFromClientAsync();
        await PassTimeUntilAsync(() => Volatile.Read(ref seen) == 1_500_000);
        await GoOnAsync();

        Assert.Equal("1.0.0", (await fetching).Single().Version);
    }

    [Theory]
    [InlineData("npm error code ENOSPC\nnpm error nospc ENOSPC: no space left on device, write")]
    [InlineData("E: Write error - write (28: No space left on device)")]
    public async Task FullDisk_IsKnownByTheClientsWords(string complaint)
    {
        var error = await Assert.ThrowsAnyAsync<IOException>(
            () => Npm($"echo '{complaint}' >&2; exit 1").FetchAsync(s_part, Inside("fetch"), _ => { }, TestContext.Current.CancellationToken));

        Assert.True(DiskSpace.IsFull(error));
    }

    [Fact]
    public async Task ClientThatFails_IsQuotedWithARemedy()
    {
        var error = await Assert.ThrowsAsync<ModelUnavailableException>(
            () => Npm("printf 'npm error code E404\\nnpm error 404 Not Found\\nnpm error A complete log of this run is elsewhere\\n' >&2; exit 1").FetchAsync(s_part, Inside("fetch"), _ => { }, TestContext.Current.CancellationToken));

        Assert.EndsWith(": 404 Not Found", error.Message, StringComparison.Ordinal);
        Assert.NotEmpty(error.Remedy);
    }

    [Fact]
    public async Task ClientThatIsAbsent_IsNamedWithARemedy()
    {
        var error = await Assert.ThrowsAsync<ModelUnavailableException>(
            () => new NpmSource(new ToolRun(_time), _folder / "no-npm").FetchAsync(s_part, Inside("fetch"), _ => { }, TestContext.Current.CancellationToken));

        Assert.Contains("not on this machine", error.Message, StringComparison.Ordinal);
        Assert.Contains("Install", error.Remedy, StringComparison.Ordinal);
    }

    private Task<IReadOnlyList<FetchedArchive>> ReplacedAsync(string hash) =>
        Replaced(hash).FetchAsync(s_part, Inside("fetch"), _ => { }, TestContext.Current.CancellationToken);

    private AptSource Replaced(string hash) => new(
        new ToolRun(TimeProvider.System), Inside("state"),
        Script("apt-get", $"""
            own=$(echo "$*" | grep -q Dir::State::Lists= && echo 'own ')
            echo "$own$(echo "$*" | grep -oE '(update|download).*')" >> '{_folder / "calls"}'
            case "$*" in
            *Dir::State::Lists=*update) ;;
            *Dir::State::Lists=*"download a-package") printf newest > a-package_1%3a1.0.1_amd64.deb ;;
            *) echo "E: Version '1.0.0' for 'a-package' was not found" >&2; exit 100 ;;
            esac
            """),
        Script("apt-cache", $"""
            case "$*" in
            *Dir::State::Lists=*'show a-package=1:1.0.1') printf 'Package: a-package\nSHA256: {hash}\n' ;;
            *) exit 100 ;;
            esac
            """));

    private NpmSource Npm(string script) => new(new ToolRun(_time), Script("npm", script));

    private string Script(string name, string body)
    {
        var file = _folder / name;
        File.WriteAllText(file, "#!/bin/sh\n" + body + "\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return file;
    }

    private string Inside(string name) => Directory.CreateDirectory(_folder / name).FullName;

    private void MakeFifo(string name)
    {
        using var made = Process.Start("mkfifo", _folder / name);
        made.WaitForExit();
    }

    // Opening waits for the other side.
    private FileStream OpenFifo(string name, FileAccess access) => new(_folder / name, FileMode.Open, access, FileShare.ReadWrite, bufferSize: 0);

    private async Task WordFromClientAsync()
    {
        await using var alive = OpenFifo("alive", FileAccess.Read);
        Assert.Equal(1, await alive.ReadAsync(new byte[1], TestContext.Current.CancellationToken));
    }

    private async Task GoOnAsync()
    {
        await using var go = OpenFifo("go", FileAccess.Write);
        await go.WriteAsync("go\n"u8.ToArray(), TestContext.Current.CancellationToken);
    }

    // The fake clock goes on until the test's condition holds; the test's own time limit ends a wait in vain.
    private async Task PassTimeUntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            _time.Advance(ToolRun.Interval);
            await Task.Yield();
        }
    }
}
