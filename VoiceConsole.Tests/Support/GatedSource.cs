using System.Collections.Concurrent;
using System.Security.Cryptography;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Models;
using VoiceConsole.Engine.Models.Sources;

namespace VoiceConsole.Tests.Support;

/// <summary>A source whose fetches go as far as the test lets them: bytes, an end, or a failure.</summary>
internal sealed class GatedSource : IPartSource
{
    public const int Size = 3_000_000;

    private static readonly byte[] s_content = new byte[Size];
    private static readonly string s_hash = Convert.ToHexStringLower(SHA256.HashData(s_content));
    private readonly ConcurrentDictionary<string, Fetch> _fetches = new();

    /// <summary>A store of parts of 3 MB each, with the names and needs of the real ones.</summary>
    public ModelStore Store(TempFolder home) => new(
        new ConsolePaths(home.Path),
        new ModelCatalog(
        [
            Part("webrtc", "Apache-2.0, BSD-3-Clause"), Part("silero-vad", "MIT"), Part("pocketsphinx", "BSD-2-Clause"), Part("alsa", "LGPL-2.1-or-later"),
            Part("flite", "BSD-style (CMU)", "alsa"), Part("espeak-ng", "GPL-3.0-or-later", "alsa"), Part("portaudio", "MIT", "alsa"), Part("llama", "MIT"),
            Part("voiceconsole-chat", "CC0-1.0", "llama"), Part("ggml-tiny", "MIT") with { Optional = true },
            new CatalogPart("grown-up", "llm", "grown-up", "unknown", PartSource.File, [new PartArchive("grown-up.gguf", "", "", Size)], Needs: ["llama"], Optional: true, Adult: true),
        ]),
        _ => this);

    /// <summary>The newest fetch of a part, as soon as it has begun.</summary>
    public Fetch this[string part] => _fetches.GetOrAdd(part, _ => new Fetch());

    /// <summary>What has come lies in the folder, and is told when the fetch is taken up again.</summary>
    public async Task<IReadOnlyList<FetchedArchive>> FetchAsync(CatalogPart part, string folder, Action<long> fetched, CancellationToken cancellationToken)
    {
        var fetch = this[part.Id];
        var file = Path.Combine(folder, part.Id + ".bin");
        if (File.Exists(file))
            fetched(new FileInfo(file).Length);
        fetch.Report.TrySetResult(bytes =>
        {
            using (var come = new FileStream(file, FileMode.OpenOrCreate))
                come.SetLength(bytes);
            fetched(bytes);
        });
        try
        {
            await fetch.End.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            // The next one begins anew.
            _fetches[part.Id] = new Fetch();
        }

        await File.WriteAllBytesAsync(file, s_content, cancellationToken);
        return [new FetchedArchive(file, "1", s_hash)];
    }

    private static CatalogPart Part(string id, string licence, params string[] needs) =>
        new(id, "native", $"The {id}", licence, PartSource.Npm, [new PartArchive(id, "1", s_hash, Size)], Needs: needs);

    public sealed class Fetch
    {
        /// <summary>Comes when the fetch begins; takes how many bytes are there.</summary>
        public TaskCompletionSource<Action<long>> Report { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource End { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
