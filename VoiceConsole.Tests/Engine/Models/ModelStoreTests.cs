using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Models;
using VoiceConsole.Engine.Models.Sources;
using VoiceConsole.Tests.Support;

namespace VoiceConsole.Tests.Engine.Models;

public class ModelStoreTests
{
    private static readonly byte[] s_content = [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * 7))];

    [Fact]
    public async Task ServerBreaksOff_FetchIsTakenUpWhereItBroke()
    {
        using var folder = new TempFolder();
        var ranges = new List<string>();
        await using var server = await StartAsync(async context =>
        {
            var range = context.Request.Headers.Range.ToString();
            ranges.Add(range);
            await SendPieceAsync(context, s_content, range.Length == 0 ? 0 : int.Parse(range["bytes=".Length..^1]));
        });

        var part = await Store(folder, server, s_content).RequireAsync("model", null, TestContext.Current.CancellationToken);

        Assert.Equal(s_content, await File.ReadAllBytesAsync(Path.Combine(part.Folder, "model.bin")));
        Assert.Equal("", ranges[0]);
        Assert.Contains(ranges, r => r.StartsWith("bytes=", StringComparison.Ordinal));
    }

    [Fact]
    public async Task FileThatChangesOnTheServer_IsFetchedFromTheStart()
    {
        using var folder = new TempFolder();
        var newer = s_content.Select(b => (byte)~b).ToArray();
        var asked = new List<(string Range, string IfRange)>();
        await using var server = await StartAsync(async context =>
        {
            asked.Add((context.Request.Headers.Range.ToString(), context.Request.Headers.IfRange.ToString()));
            var (tag, content) = asked.Count == 1 ? ("\"old\"", s_content) : ("\"new\"", newer);
            context.Response.Headers.ETag = tag;
            var same = context.Request.Headers.IfRange == tag;
            await SendPieceAsync(context, content, same ? int.Parse(asked[^1].Range["bytes=".Length..^1]) : 0);
        });

        var part = await Store(folder, server, newer).RequireAsync("model", null, TestContext.Current.CancellationToken);

        Assert.Equal(newer, await File.ReadAllBytesAsync(Path.Combine(part.Folder, "model.bin"), TestContext.Current.CancellationToken));
        Assert.Equal([("", ""), ("bytes=100000-", "\"old\""), ("bytes=100000-", "\"new\""), ("bytes=200000-", "\"new\"")], asked);
    }

    [Fact]
    public async Task DiskThatFills_IsSaidToBeFull_WithWhatIsNeeded()
    {
        using var folder = new TempFolder();
        using var client = new HttpClient(new FullDiskHandler());
        var archive = new PartArchive("https://models.invalid/model.bin", "", new string('0', 64), 25_000_000);
        var catalog = new ModelCatalog([new CatalogPart("model", "llm", "A model", "MIT", PartSource.Https, [archive])]);
        var store = new ModelStore(new ConsolePaths(folder.Path), catalog, _ => new HttpsSource(client, TimeProvider.System));

        var error = await Assert.ThrowsAsync<ModelUnavailableException>(() => store.RequireAsync("model", null, TestContext.Current.CancellationToken));

        Assert.Contains("The disk is full: A model needs about 100 MB", error.Message, StringComparison.Ordinal);
        Assert.Contains("Make room", error.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void WriteOntoAFullDevice_IsKnownAsAFullDisk()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "/dev/full is Linux's");
        Assert.True(DiskSpace.IsFull(Record.Exception(() => File.WriteAllText("/dev/full", "x"))!));
        Assert.False(DiskSpace.IsFull(new IOException("The line broke.")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task PartOfSeveralPlatforms_IsTakenForThisOne_OrRefusedByName(bool here)
    {
        using var folder = new TempFolder();
        await File.WriteAllBytesAsync(folder / "model.bin", s_content, TestContext.Current.CancellationToken);
        var archive = new PartArchive(folder / "model.bin", "1", Convert.ToHexStringLower(SHA256.HashData(s_content)), s_content.Length);
        var platforms = new[] { "plan9-x64", here ? ModelCatalog.ThisPlatform : "plan9-arm64" };
        var catalog = new ModelCatalog([.. platforms.Select(p => new CatalogPart("model", "llm", "A model", "MIT", PartSource.File, [archive], p))]);
        var store = new ModelStore(new ConsolePaths(folder.Path), catalog, null);

        if (here)
        {
            Assert.True(File.Exists(Path.Combine((await store.RequireAsync("model", null, TestContext.Current.CancellationToken)).Folder, "model.bin")));
            return;
        }

        var error = await Assert.ThrowsAsync<ModelUnavailableException>(() => store.RequireAsync("model", null, TestContext.Current.CancellationToken));
        Assert.Contains($"plan9-x64, plan9-arm64 only; this machine is {ModelCatalog.ThisPlatform}", error.Message, StringComparison.Ordinal);
        Assert.NotEmpty(error.Remedy);
    }

    [Fact]
    public async Task ServerLies_PartIsRefused_AndNothingStays()
    {
        using var folder = new TempFolder();
        await using var server = await StartAsync(context => context.Response.Body.WriteAsync(new byte[s_content.Length]).AsTask());

        var error = await Assert.ThrowsAsync<ModelUnavailableException>(
            () => Store(folder, server, s_content).RequireAsync("model", null, TestContext.Current.CancellationToken));

        Assert.Contains("not what the catalogue promises", error.Message, StringComparison.Ordinal);
        Assert.NotEmpty(error.Remedy);
        Assert.False(Directory.Exists(folder / "models/model"));
        Assert.Empty(Directory.GetFiles(folder.Path, "model.bin", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task ServerStalls_FetchIsGivenUp()
    {
        using var folder = new TempFolder();
        var asked = new SemaphoreSlim(0);
        await using var server = await StartAsync(async context =>
        {
            context.Response.ContentLength = s_content.Length;
            await context.Response.Body.WriteAsync(s_content.AsMemory(0, 10));
            await context.Response.Body.FlushAsync();
            asked.Release();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        });
        var time = new FakeTimeProvider();
        var fetching = Store(folder, server, s_content, time).RequireAsync("model", null, TestContext.Current.CancellationToken);

        // Each attempt stalls; the fake clock moves until the store has given up.
        while (!fetching.IsCompleted)
        {
            time.Advance(HttpsSource.Stall);
            await Task.Yield();
        }

        var error = await Assert.ThrowsAsync<ModelUnavailableException>(() => fetching);
        Assert.Contains("sent nothing", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task InstalledPart_NeedsNoNetwork_AndVerifyFindsAFlippedByte()
    {
        using var folder = new TempFolder();
        var server = await StartAsync(context => context.Response.Body.WriteAsync(s_content).AsTask());
        var store = Store(folder, server, s_content);
        var part = await store.RequireAsync("model", null, TestContext.Current.CancellationToken);
        await server.DisposeAsync();

        await store.RequireAsync("model", null, TestContext.Current.CancellationToken);
        Assert.Empty(await store.VerifyAsync("model", TestContext.Current.CancellationToken));
        var flipped = s_content.ToArray();
        flipped[1234] ^= 1;
        await File.WriteAllBytesAsync(Path.Combine(part.Folder, "model.bin"), flipped, TestContext.Current.CancellationToken);

        Assert.Equal(["model.bin has changed."], await store.VerifyAsync("model", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task ArchiveThatLeavesItsFolder_IsNotUnpacked()
    {
        using var folder = new TempFolder();
        var archive = folder / "evil.tgz";
        await using (var zip = new GZipStream(File.Create(archive), CompressionMode.Compress))
        await using (var tar = new TarWriter(zip))
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, "../../outside.txt") { DataStream = new MemoryStream([1]) });
        var target = Directory.CreateDirectory(folder / "a/b").FullName;

        await Assert.ThrowsAsync<InvalidDataException>(() => ArchiveUnpacker.UnpackAsync(archive, target, null, default));

        Assert.Empty(Directory.GetFiles(folder.Path, "outside.txt", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task PackageOfNuGet_IsUnpackedAsFarAsItIsWanted_AndNotOutside()
    {
        using var folder = new TempFolder();
        var archive = folder / "some.package.1.0.0.nupkg";
        await using (var zip = await ZipFile.OpenAsync(archive, ZipArchiveMode.Create, default))
        {
            foreach (var name in new[] { "build/linux-x64/lib.so", "build/win-x64/lib.dll", "other/lib.so", "build/linux-x64/../../../../outside.txt" })
            {
                await using var entry = await zip.CreateEntry(name).OpenAsync(default);
                entry.WriteByte(1);
            }
        }

        var target = Directory.CreateDirectory(folder / "a/b").FullName;

        await ArchiveUnpacker.UnpackAsync(archive, target, ["build/win-x64/*"], default);
        Assert.Equal(["lib.dll"], Directory.GetFiles(target, "*", SearchOption.AllDirectories).Select(f => Path.GetFileName(f)));
        await Assert.ThrowsAsync<InvalidDataException>(() => ArchiveUnpacker.UnpackAsync(archive, target, ["build/linux-x64/*"], default));
        Assert.Empty(Directory.GetFiles(folder.Path, "outside.txt", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task ModelsFolderThatCannotBeMade_IsAnErrorWithARemedy()
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder / "models", "a file in the way");
        await using var server = await StartAsync(context => context.Response.Body.WriteAsync(s_content).AsTask());

        var error = await Assert.ThrowsAsync<ModelUnavailableException>(
            () => Store(folder, server, s_content).RequireAsync("model", null, TestContext.Current.CancellationToken));

        Assert.Contains("can be written to", error.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TwoStores_FetchAtOnce_AndThePartIsThereOnce()
    {
        using var folder = new TempFolder();
        var asked = 0;
        await using var server = await StartAsync(context =>
        {
            Interlocked.Increment(ref asked);
            return context.Response.Body.WriteAsync(s_content).AsTask();
        });

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Store(folder, server, s_content).RequireAsync("model", null, TestContext.Current.CancellationToken)));

        Assert.Equal(1, asked);
    }

    [Theory]
    [InlineData("{ \"parts\": [ { \"id\": \"../x\" } ] }")]
    [InlineData("{ \"parts\": ")]
    [InlineData("[]")]
    [InlineData("{ \"parts\": [ PART(a,b), PART(b,a) ] }")]
    [InlineData("{ \"parts\": [ PART(a,c) ] }")]
    [InlineData("{ \"parts\": [ PART(a,a) ] }")]
    [InlineData("{ \"parts\": [ PART(a,), PART(a,) ] }")]
    public async Task BrokenCatalogue_IsNamed(string json)
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder / "catalog.json", System.Text.RegularExpressions.Regex.Replace(json, @"PART\((\w),(\w?)\)", m =>
            $$"""{ "id": "{{m.Groups[1]}}", "kind": "llm", "name": "n", "licence": "MIT", "source": "npm", "needs": [{{(m.Groups[2].Length > 0 ? $"\"{m.Groups[2]}\"" : "")}}], "archives": [ { "package": "p", "version": "1", "sha256": "{{new string('0', 64)}}", "size": 1 } ] }"""));

        Assert.Contains("catalog.json", Assert.Throws<InvalidDataException>(() => ModelCatalog.Read(folder / "catalog.json")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ShippedCatalogue_IsSound()
    {
        var catalog = ModelCatalog.Read(Path.Combine(ConsolePaths.Find().Models, "catalog.json"));

        Assert.All(catalog.Parts, p => Assert.True(p.Licence.Length > 0 && p.Size > 0 == p.HasHome));
        Assert.All(catalog.Parts.SelectMany(p => p.Needs ?? []), need => Assert.NotNull(catalog.Find(need)));
    }

    // The list that the project began with.
    [Fact]
    public void ShippedCatalogue_HasTheSixteenModelsAndMarksThoseForAdults()
    {
        string[] plain =
        [
            "Llama-3.2-3B-Instruct-IQ3_M.gguf", "gemma-3-270m-it-F16.gguf", "LFM2-1.2B-F16.gguf", "TinyLlama-1.1B-Chat-v1.0-finetune.f16.gguf",
            "TinyLlama-1.1B-Chat-v1.0.Q8_0.gguf", "TinyLlama-1.1B-Chat-v1.0-finetune.Q2_K.gguf", "TinyLlama-1.1B-Chat-v1.0-finetune.Q6_K.gguf",
            "SmallThinker-3B-Preview.Q2_K.gguf", "SmallThinker-3B-Preview.Q8_0.gguf", "minichat-3b.q2_k.gguf", "minichat-3b.q8_0.gguf",
        ];
        string[] adult = ["llama_3_Base_adult.Q2_K.gguf", "Qwen2.5_Uncensored_V2_Sexting.gguf", "nsfw-3b-q4_k_m.gguf", "NSFW-Ameba-3.2-1B.f16.gguf", "NSFW_13B_sft.Q2_K.gguf"];
        var catalog = ModelCatalog.Read(Path.Combine(ConsolePaths.Find().Models, "catalog.json"));

        Assert.All(plain.Concat(adult), file => Assert.Single(catalog.Parts, p => p.Archives.Any(a => Path.GetFileName(a.Package).Equals(file, StringComparison.OrdinalIgnoreCase))));
        Assert.All(plain, file => Assert.False(catalog.IsAdult(file)));
        Assert.All(adult, file => Assert.True(catalog.IsAdult("models/" + file)));
        Assert.All(catalog.Parts.Where(p => p.Adult), p => Assert.True(p is { Optional: true, IsVerified: false }));
    }

    [Theory]
    [InlineData("elsewhere/NSFW-3B-q4_k_m.gguf")]
    [InlineData("elsewhere/plain.gguf+lora:elsewhere/nsfw-3b-q4_k_m.gguf")]
    public async Task ModelForAdults_IsLoadedOnlyWhereSuchModelsAreAllowed(string model)
    {
        var store = new ModelStore(ConsolePaths.Find());
        var loader = new EngineLoader(store, TaskScheduler.Default);

        var refusal = await Assert.ThrowsAsync<ModelUnavailableException>(() => loader.ModelAsync(model, TestContext.Current.CancellationToken));
        store.AdultContent = true;
        var missing = await Assert.ThrowsAsync<ModelUnavailableException>(() => loader.ModelAsync(model, TestContext.Current.CancellationToken));

        Assert.Contains("was made for adult content, and such models are off", refusal.Message, StringComparison.Ordinal);
        Assert.StartsWith("There is no model file", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NobodyKnowsWhereItCanBeHad_SaysWhereToPutIt()
    {
        var store = new ModelStore(ConsolePaths.Find());

        var error = await Assert.ThrowsAsync<ModelUnavailableException>(() => store.RequireAsync("minichat-3b.q2_k", null, TestContext.Current.CancellationToken, unverified: true));

        Assert.Contains("put minichat-3b.q2_k.gguf into models/", error.Remedy, StringComparison.Ordinal);
    }

    private static ModelStore Store(TempFolder folder, WebApplication server, byte[] content, TimeProvider? time = null)
    {
        var archive = new PartArchive(server.Urls.First() + "/model.bin", "", Convert.ToHexStringLower(SHA256.HashData(content)), content.Length);
        var catalog = new ModelCatalog([new CatalogPart("model", "llm", "A model", "MIT", PartSource.Https, [archive])]);
        return new ModelStore(new ConsolePaths(folder.Path), catalog, _ => new HttpsSource(new HttpClient(), time ?? TimeProvider.System));
    }

    // At most 100 000 bytes; then the line breaks, if more is due.
    private static async Task SendPieceAsync(HttpContext context, byte[] content, int from)
    {
        context.Response.StatusCode = from > 0 ? 206 : 200;
        if (from > 0)
            context.Response.Headers.ContentRange = $"bytes {from}-{content.Length - 1}/{content.Length}";
        context.Response.ContentLength = content.Length - from;
        await context.Response.Body.WriteAsync(content.AsMemory(from, Math.Min(100_000, content.Length - from)));
        await context.Response.Body.FlushAsync();
        if (from + 100_000 < content.Length)
            context.Abort();
    }

    private static async Task<WebApplication> StartAsync(Func<HttpContext, Task> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapGet("/model.bin", answer);
        await app.StartAsync();
        return app;
    }

    // Reports what writing to a full disk does.
    private sealed class FullDiskHandler : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage { Content = new StreamContent(new FullDiskStream()) });
    }

    private sealed class FullDiskStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            throw new IOException("No space left on device", OperatingSystem.IsWindows() ? unchecked((int)0x80070070) : 28);
    }
}
