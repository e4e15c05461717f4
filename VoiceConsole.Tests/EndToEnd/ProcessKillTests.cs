using System.Diagnostics;
using Microsoft.Playwright;
using VoiceConsole.Engine;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Data;
using static Microsoft.Playwright.Assertions;

namespace VoiceConsole.Tests.EndToEnd;

/// <summary>The real console as a process of its own, killed while it answers.</summary>
[Collection(RealTime.Name)]
public sealed class ProcessKillTests(Chromium chromium) : IClassFixture<Chromium>
{
    [Fact]
    public async Task ConsoleKilledInMidTurn_LosesAtMostThatTurn_AndSaysSoAtTheNextStart()
    {
        foreach (var part in new[] { "webrtc", "silero-vad", "pocketsphinx", "flite", "espeak-ng", "llama" })
            await Parts.FoldersAsync(part);
        using var folder = new TempFolder();
        var page = await chromium.PageAsync();
        var model = TinyLlama.Require(folder);
        Directory.CreateSymbolicLink(folder / "models", ConsolePaths.Find().Models);
        using (var console = Start(folder, model))
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

    private static Process Start(TempFolder folder, string model)
    {
        var configuration = AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug";
        var program = Path.Combine(Path.GetDirectoryName(ConsolePaths.Find().Models)!, "VoiceConsole.Web", "bin", configuration, "net10.0", "VoiceConsole.Web.dll");
        var start = new ProcessStartInfo("dotnet", [program, "--device", "room", "--room", "desk", "--port", "0", "--llm", model])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = Path.Combine(Path.GetDirectoryName(ConsolePaths.Find().Models)!, "VoiceConsole.Web"),
        };
        start.Environment["VOICECONSOLE_HOME"] = folder.Path;
        return Process.Start(start)!;
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
