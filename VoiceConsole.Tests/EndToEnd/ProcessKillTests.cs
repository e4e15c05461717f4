using System.Diagnostics;
using Microsoft.Playwright;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Audio;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Data;
using static Microsoft.Playwright.Assertions;

namespace VoiceConsole.Tests.EndToEnd;

/// <summary>The real console as a process of its own: killed while it answers, and on a disk that is full.</summary>
[Collection(RealTime.Name)]
public sealed class ProcessKillTests(Chromium chromium)
{
    [Fact]
    public async Task ConsoleKilledInMidTurn_LosesAtMostThatTurn_AndSaysSoAtTheNextStart()
    {
        foreach (var part in new[] { "webrtc", "silero-vad", "pocketsphinx", "flite", "espeak-ng", "llama" })
            await Parts.FoldersAsync(part);
        using var folder = new TempFolder();
        var page = await chromium.PageAsync();
        var model = TinyLlama.Require(folder);
        using (var console = ConsoleProcess.Start(folder, "--device", "room", "--room", "desk", "--port", "0", "--llm", model))
        {
            try
            {
                await page.GotoAsync(await AddressAsync(console));
                await page.GetByRole(AriaRole.Button, new() { Name = "Start" }).First.ClickAsync();
                await AskAsync(page, "the first question");
                await page.Keyboard.PressAsync("Escape");
                await Expect(page.Locator(".vc-state, [role=status]").GetByText("Listening").First).ToBeVisibleAsync(new() { Timeout = 30_000 });
                await AskAsync(page, "the second question");
            }
            finally
            {
                console.Kill();
                await console.WaitForExitAsync();
            }
        }

        var database = await Database.OpenAsync(new ConsolePaths(folder.Path), cancellationToken: TestContext.Current.CancellationToken);
        var recovered = await Recovery.RunAsync(database, TestContext.Current.CancellationToken);

        Assert.Equal(1, recovered.Conversations);
        Assert.InRange(recovered.LostTurns, 0, 1);
        Assert.NotEmpty(recovered.Notices);
        var queries = new ConversationQueries(database);
        var conversation = Assert.Single(await queries.RecentAsync(10, TestContext.Current.CancellationToken));
        var turns = await queries.TurnsAsync(conversation.Id, TestContext.Current.CancellationToken);
        Assert.Equal("the first question", turns[0].UserText);
        Assert.Equal("interrupted", turns[0].Outcome);
        Assert.NotEmpty(turns[0].HeardText!);
        Assert.All(turns.Skip(1), t => Assert.Equal("lost", t.Outcome));
        AssertHeadersAreTrue(folder / "data/recordings", conversation.EndPosition!.Value);
    }

    [Fact]
    public async Task ConverseKilledInMidTurn_LosesThatTurnOnly_AndItsTracksPlayToTheirEnd()
    {
        foreach (var part in new[] { "webrtc", "silero-vad", "pocketsphinx", "flite", "espeak-ng" })
            await Parts.FoldersAsync(part);
        using var folder = new TempFolder();
        var asked = 0;
        var askedAgain = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var model = await LlamaServer.StartAsync((_, response) =>
        {
            if (Interlocked.Increment(ref asked) == 1)
                return response.SayAsync("Good morning.");
            askedAgain.TrySetResult();
            return Task.Delay(Timeout.Infinite, response.HttpContext.RequestAborted);
        });
        var user = await FliteUser.RecordAsync(folder, ("What is the time?", 6), ("Thank you very much.", 1));
        var paths = new ConsolePaths(folder.Path);
        using (var console = ConsoleProcess.Start(folder, "converse", "--device", "wav", "--mic", user, "--llm-url", LlamaServer.AddressOf(model).ToString()))
        {
            try
            {
                await askedAgain.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
                var watched = new ConversationQueries(await Database.OpenAsync(paths));
                Assert.True(SpinWait.SpinUntil(() => Outcomes(watched) is [["answered", null]], TimeSpan.FromSeconds(30)));
            }
            finally
            {
                console.Kill();
                await console.WaitForExitAsync();
            }
        }

        var notices = new List<string>();
        await using var storage = new ConversationStorage(paths) { OnNotices = notices.AddRange };
        Assert.True(await storage.OpenAsync());

        Assert.Equal([["answered", "lost"]], Outcomes(new ConversationQueries(storage.Database!)));
        Assert.Contains("Turn 2 of the conversation", notices[0], StringComparison.Ordinal);
        Assert.Contains("3 unfinished recordings were repaired", notices[1], StringComparison.Ordinal);
        // The user's second line has been recorded.
        AssertHeadersAreTrue(folder / "data/recordings", 8 * 16_000);
    }

    [Fact]
    public async Task DiskFull_ConsoleAnswersAndThePageSaysSo_AndTheTurnIsStoredWhenThereIsSpace()
    {
        foreach (var part in new[] { "webrtc", "silero-vad", "pocketsphinx", "flite", "espeak-ng", "llama" })
            await Parts.FoldersAsync(part);
        using var folder = new TempFolder();
        using var disk = SmallDisk.Require(kilobytes: 4000);
        Directory.CreateSymbolicLink(folder / "data", disk.Path);
        var page = await chromium.PageAsync();
        using var console = ConsoleProcess.Start(folder, "--device", "room", "--room", "desk", "--port", "0", "--llm", TinyLlama.Require(folder));
        try
        {
            await page.GotoAsync(await AddressAsync(console));
            disk.Fill();
            await page.GetByRole(AriaRole.Button, new() { Name = "Start" }).First.ClickAsync();
            await AskAsync(page, "the first question");
            var storage = page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "Nothing is stored at the moment" });
            await Expect(storage).ToContainTextAsync("Free some space", new() { Timeout = 30_000 });
            await Expect(page.GetByText("The conversation goes on without its recording.")).ToHaveCountAsync(1);

            disk.Free();
            await Expect(storage).ToHaveCountAsync(0, new() { Timeout = 30_000 });
            await page.Keyboard.PressAsync("Escape");
            var queries = new ConversationQueries(await Database.OpenAsync(new ConsolePaths(folder.Path)));
            Assert.True(SpinWait.SpinUntil(() => Outcomes(queries) is [["interrupted" or "answered", ..]], TimeSpan.FromSeconds(30)));
            var conversation = Assert.Single(await queries.RecentAsync(9, TestContext.Current.CancellationToken));
            Assert.Equal("the first question", (await queries.TurnsAsync(conversation.Id, TestContext.Current.CancellationToken))[0].UserText);
        }
        finally
        {
            console.Kill();
            await console.WaitForExitAsync();
        }
    }

    [Fact]
    public async Task ConsoleStartedAnew_TheOpenPageComesBackToItsPlaceByItself()
    {
        using var folder = new TempFolder();
        var page = await chromium.PageAsync();
        var lost = page.GetByRole(AriaRole.Alertdialog);
        string address;
        using (var first = ConsoleProcess.Start(folder, "--device", "room", "--port", "0"))
        {
            try
            {
                address = await AddressAsync(first);
                await page.GotoAsync($"{address}/latency?days=7");
                await Expect(page.Locator(".vc-filters select").Nth(1)).ToHaveValueAsync("7", new() { Timeout = 30_000 });
                await page.GetByLabel("Budget, ms").FillAsync("900");
                await page.GetByLabel("Budget, ms").PressAsync("Enter");
                await page.GetByRole(AriaRole.Button, new() { Name = "Use the dark theme" }).ClickAsync();
                await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Use the light theme" })).ToBeVisibleAsync();
            }
            finally
            {
                first.Kill();
                await first.WaitForExitAsync();
            }
        }

        await Expect(lost).ToContainTextAsync("The console does not answer");
        await PageChecks.AssertAccessibleAsync(page);
        using var second = ConsoleProcess.Start(folder, "--device", "room", "--port", new Uri(address).Port.ToString(System.Globalization.CultureInfo.InvariantCulture));
        try
        {
            await Expect(lost).ToBeHiddenAsync(new() { Timeout = 120_000 });
            await Expect(page.GetByLabel("Budget, ms")).ToHaveValueAsync("900", new() { Timeout = 30_000 });
            await Expect(page).ToHaveURLAsync($"{address}/latency?days=7");
            await Expect(page.Locator(".vc-filters select").Nth(1)).ToHaveValueAsync("7");
            await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Use the light theme" })).ToBeVisibleAsync();

            // A line that breaks for a moment loses not even what was typed.
            await page.GotoAsync(address);
            await page.GetByRole(AriaRole.Link, new() { Name = "Models", Exact = true }).ClickAsync();
            await page.GetByLabel("A model server").FillAsync("http://half-typed");
            await page.Context.SetOfflineAsync(true);
            await Expect(lost).ToBeVisibleAsync(new() { Timeout = 60_000 });
            await page.Context.SetOfflineAsync(false);
            await Expect(lost).ToBeHiddenAsync(new() { Timeout = 30_000 });
            await Expect(page.GetByLabel("A model server")).ToHaveValueAsync("http://half-typed");
        }
        finally
        {
            second.Kill();
            await second.WaitForExitAsync();
        }
    }

    [Fact]
    public async Task ConsoleThatOthersCanReach_MakesATokenAndTellsItOnce()
    {
        using var folder = new TempFolder();
        using var console = ConsoleProcess.Start(folder, "--bind", "0.0.0.0", "--device", "room", "--port", "0");
        try
        {
            var address = new UriBuilder(await AddressAsync(console)) { Host = "127.0.0.1" }.Uri;
            var token = System.Text.RegularExpressions.Regex.Match((await console.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken))!, "/\\?token=([\\w-]{43}) ").Groups[1].Value;
            using var http = new HttpClient { BaseAddress = address };
            Assert.Equal(System.Net.HttpStatusCode.Unauthorized, (await http.GetAsync("/")).StatusCode);
            Assert.Equal(System.Net.HttpStatusCode.OK, (await http.GetAsync($"/?token={token}")).StatusCode);
        }
        finally
        {
            console.Kill();
            await console.WaitForExitAsync();
        }
    }

    private static string?[][] Outcomes(ConversationQueries queries) =>
        [.. queries.RecentAsync(9).Result.Select(c => queries.TurnsAsync(c.Id).Result.Select(t => t.Outcome).ToArray())];

    // What a killed process had not written yet is half a second at most.
    private static void AssertHeadersAreTrue(string recordings, long position)
    {
        var tracks = Directory.GetFiles(recordings, "*.wav", SearchOption.AllDirectories);
        Assert.Equal(3, tracks.Length);
        foreach (var track in tracks)
        {
            using var reader = new WavReader(track);
            Assert.Equal((new FileInfo(track).Length - 44) / 2, BitConverter.ToUInt32(File.ReadAllBytes(track), 40) / 2);
            Assert.InRange(reader.Samples, position - 16_000, position + 16_000 * 60);
        }
    }

    // Asks, and waits until a word of the answer was heard.
    private static async Task AskAsync(IPage page, string question)
    {
        var heard = await page.Locator("[data-heard]").CountAsync();
        var box = page.GetByLabel("Write instead of speaking");
        await Expect(box).ToBeEnabledAsync(new() { Timeout = 60_000 });
        await box.FillAsync(question);
        await box.PressAsync("Enter");
        await Expect(page.Locator("[data-heard]").Nth(heard)).ToHaveTextAsync(new System.Text.RegularExpressions.Regex("\\w"), new() { Timeout = 60_000 });
    }

    private static async Task<string> AddressAsync(Process console)
    {
        while (await console.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (line.StartsWith("VoiceConsole is at ", StringComparison.Ordinal))
                return line["VoiceConsole is at ".Length..].Split(',', ' ')[0].TrimEnd('.');
        }

        throw new InvalidOperationException("The console ended before it served its page.");
    }
}
