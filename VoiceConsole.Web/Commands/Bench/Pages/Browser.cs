using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using VoiceConsole.Engine.Models;

namespace VoiceConsole.Web.Commands.Bench.Pages;

/// <summary>Debian's Chromium without a window, with pages open in it. Ends with its process.</summary>
internal sealed partial class Browser : IAsyncDisposable
{
    private static readonly string[] s_names = ["chromium", "chromium-browser", "google-chrome"];
    private static readonly TimeSpan s_start = TimeSpan.FromSeconds(60);
    private readonly HttpClient _http = new();
    private readonly List<BrowserTab> _tabs = [];
    private readonly Process _process;

    private Browser(Process process) => _process = process;

    /// <param name="folder">For its own files.</param>
    /// <exception cref="ModelUnavailableException">There is none.</exception>
    public static async Task<Browser> StartAsync(string folder, CancellationToken cancellationToken)
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).SelectMany(p => s_names.Select(n => Path.Combine(p, n))).FirstOrDefault(File.Exists)
            ?? throw new ModelUnavailableException("There is no Chromium to open pages in.", "Install it: apt-get install chromium.");
        string[] arguments =
        [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
            // All pages count as looked at, as on several screens.
            "--disable-background-timer-throttling", "--disable-backgrounding-occluded-windows", "--disable-renderer-backgrounding",
            "--remote-debugging-port=0", $"--user-data-dir={folder}", "about:blank",
        ];
        var process = Process.Start(new ProcessStartInfo(path, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var browser = new Browser(process);
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(s_start);
            while (await process.StandardError.ReadLineAsync(limit.Token) is { } line)
            {
                if (Listening().Match(line) is not { Success: true } match)
                    continue;
                browser._http.BaseAddress = new Uri($"http://127.0.0.1:{match.Groups[1].Value}/");
                // What nobody reads would stop it when the pipes are full.
                _ = process.StandardError.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
                _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
                return browser;
            }

            throw new ModelUnavailableException("Chromium ended before it could be used.", $"Try it by hand: {path} --headless about:blank.");
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    public async Task<BrowserTab> OpenAsync(string address, CancellationToken cancellationToken)
    {
        using var response = await _http.PutAsync("json/new?about:blank", null, cancellationToken);
        var tab = await BrowserTab.AttachAsync((string)JsonNode.Parse(await response.Content.ReadAsStringAsync(cancellationToken))!["webSocketDebuggerUrl"]!, cancellationToken);
        _tabs.Add(tab);
        await tab.GoAsync(address, cancellationToken);
        await tab.WaitForAsync("document.querySelector('h1')", s_start, cancellationToken);
        return tab;
    }

    /// <summary>Closes all pages.</summary>
    public async Task CloseAllAsync(CancellationToken cancellationToken)
    {
        foreach (var tab in _tabs)
        {
            await tab.GoAsync("about:blank", cancellationToken);
            await tab.DisposeAsync();
        }

        _tabs.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var tab in _tabs)
            await tab.DisposeAsync();
        _http.Dispose();
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }

    [GeneratedRegex(@"DevTools listening on ws://127\.0\.0\.1:(\d+)/")]
    private static partial Regex Listening();
}
