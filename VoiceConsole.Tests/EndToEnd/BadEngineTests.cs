using System.Text;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Events;
using VoiceConsole.Engine.Models;
using VoiceConsole.Engine.Training.Base;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Commands.Bench.Tiny;

namespace VoiceConsole.Tests.EndToEnd;

/// <summary>Files that are no engines, cut off, hostile, too large, or written to while they are loaded: told why, and what served serves on.</summary>
public sealed class BadEngineTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task BadFiles_AreRefusedOneAfterTheOther_AndWhatServedAnswers()
    {
        foreach (var part in new[] { "silero-vad", "flite", "espeak-ng", "pocketsphinx", "llama", "sherpa-onnx" })
            await Parts.FoldersAsync(part);
        var bad = BadFiles().ToList();
        await using var session = await new ConversationFactory(Parts.Store, new ConsolePaths(_folder.Path)).CreateSessionAsync(
            new ConversationRequest
            {
                Device = "room",
                Room = "headphones",
                Canceller = "none",
                VirtualTime = true,
                Microphone = await FliteUser.RecordAsync(_folder, ("Good morning to you.", 6), ("What is the time?", 6)),
                LanguageModel = TinyModel.Write(_folder.Path, "good", seed: 1),
                Options = new ConversationOptions { MaxReplyTokens = 8, Record = false },
            },
            null, Cancellation);
        using var subscription = session.Events.SubscribeLossless();
        var next = 0;
        using var timer = session.Loop.Time.CreateTimer(_ =>
        {
            if (next < bad.Count)
                _ = session.SwapAsync(bad[next].Kind, bad[next++].File, freeFirst: false, CancellationToken.None);
        }, null, TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(0.6));

        session.Start();
        await session.Completion;

        var events = new List<TurnEvent>();
        while (subscription.Reader.TryRead(out var turnEvent))
            events.Add(turnEvent);
        Assert.Empty(events.OfType<EngineSwapped>());
        var failed = events.OfType<EngineSwapFailed>().ToList();
        Assert.Equal(bad.Select(b => b.File), failed.Select(f => f.To));
        Assert.All(bad.Zip(failed), pair => Assert.Contains(pair.First.Reason, pair.Second.Error, StringComparison.Ordinal));
        Assert.Equal(["answered", "answered"], events.OfType<TurnCompleted>().Select(t => t.Outcome));
        Assert.Equal(["good.gguf"], events.OfType<GenerationStarted>().Select(g => g.Model).Distinct());
    }

    [Theory]
    [InlineData("piper")]
    [InlineData("vits")]
    [InlineData("sense")]
    [InlineData("gguf")]
    [InlineData("gguf cut short")]
    public async Task FileWrittenToWhileItIsLoaded_IsRefused(string what)
    {
        await Parts.FoldersAsync(what.StartsWith("gguf", StringComparison.Ordinal) ? "llama" : what == "piper" ? "espeak-ng" : "sherpa-onnx");
        var file = what switch
        {
            "piper" => TinyPiper.Write(_folder.Path, "voice"),
            "vits" => TinySherpa.WriteVits(_folder.Path, "vits"),
            "sense" => TinySherpa.WriteSenseVoice(_folder.Path, "sense"),
            _ => TinyModel.Write(_folder.Path, "model", seed: 1),
        };
        var loader = new EngineLoader(Parts.Store, TaskScheduler.Default, new Told(text =>
        {
            if (!text.StartsWith("Loading", StringComparison.Ordinal))
                return;
            using var stream = File.OpenWrite(Directory.Exists(file) ? Directory.GetFiles(file, "*.onnx").Single() : file);
            stream.SetLength(what == "gguf" ? stream.Length + 1 : stream.Length / 2);
        }));

        var error = await Assert.ThrowsAsync<InvalidDataException>(async () =>
        {
            await (what switch
            {
                "piper" or "vits" => loader.VoiceAsync(file, Cancellation),
                "sense" => loader.RecognizerAsync(file, Cancellation),
                _ => (Task)loader.ModelAsync(file, Cancellation),
            });
        });

        Assert.Contains(what is "gguf cut short" ? "is truncated" : what is "piper" ? "" : "was written to while it was being loaded", error.Message, StringComparison.Ordinal);
        var loading = Path.Combine(Parts.Store.Folder, ".loading");
        Assert.True(!Directory.Exists(loading) || Directory.GetDirectories(loading).Length == 0);
    }

    [Fact]
    public async Task FileCutShortWhileItServes_TheModelTalksOn()
    {
        await Parts.FoldersAsync("llama");
        var file = TinyModel.Write(_folder.Path, "model", seed: 1);
        var (model, _) = await new EngineLoader(Parts.Store, TaskScheduler.Default).ModelAsync(file, Cancellation);
        using (model)
        {
            using (var stream = File.OpenWrite(file))
                stream.SetLength(0);

            var reply = await model.GetResponseAsync([new(Microsoft.Extensions.AI.ChatRole.User, "Hello")], new() { MaxOutputTokens = 8 }, Cancellation);

            Assert.NotEmpty(reply.Text);
        }
    }

    private IEnumerable<(EngineKind Kind, string File, string Reason)> BadFiles()
    {
        const string TooLarge = "of memory, and", Contradiction = "do not belong together";
        var folder = _folder.Path;
        yield return (EngineKind.Voice, TinyPiper.Write(folder, "liar", change: json => json["num_speakers"] = 2), Contradiction);
        yield return (EngineKind.Voice, Half(TinyPiper.Write(folder, "half")), "no model that can be loaded");
        yield return (EngineKind.Voice, Huge(TinyPiper.Write(folder, "huge")), TooLarge);
        yield return (EngineKind.Voice, Huge(TinySherpa.WriteVits(folder, "vits")), TooLarge);
        yield return (EngineKind.Recognizer, Huge(TinySherpa.WriteSenseVoice(folder, "sense")), TooLarge);
        var cut = TinySherpa.WriteTransducer(folder, "cut");
        Half(Path.Combine(cut, "joiner.onnx"));
        yield return (EngineKind.Recognizer, cut, "cut short");
        var whisper = _folder / "ggml-huge.bin";
        File.WriteAllBytes(whisper, []);
        yield return (EngineKind.Recognizer, Huge(whisper), TooLarge);
        yield return (EngineKind.LanguageModel, Huge(TinyModel.Write(folder, "large", seed: 1)), TooLarge);
        yield return (EngineKind.LanguageModel, Half(TinyModel.Write(folder, "short", seed: 1)), "truncated");
        yield return (EngineKind.LanguageModel, Hostile(TinyModel.Write(folder, "hostile", seed: 1)), "chat template cannot be used");
    }

    private static string Half(string file)
    {
        using var stream = File.OpenWrite(file);
        stream.SetLength(stream.Length / 2);
        return file;
    }

    // A terabyte that takes no room on the disk. In a model of ONNX it is a field that nobody knows.
    private static string Huge(string path)
    {
        const long Terabyte = 1L << 40;
        using var stream = File.OpenWrite(Directory.Exists(path) ? Directory.GetFiles(path, "*.onnx").Single() : path);
        stream.Position = stream.Length;
        if (stream.Name.EndsWith(".onnx", StringComparison.Ordinal))
        {
            using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
            writer.Write7BitEncodedInt((99 << 3) | 2);
            writer.Write7BitEncodedInt64(Terabyte);
        }

        stream.SetLength(stream.Position + Terabyte);
        return path;
    }

    // As long as the model's own, so that nothing in the file moves.
    private static string Hostile(string file)
    {
        var template = "{% for a in range(99999) %}{% for b in range(99999) %}{{ a }}{% endfor %}{% endfor %}".PadRight(Vocabulary.ChatTemplate.Length);
        var latin = Encoding.Latin1;
        File.WriteAllBytes(file, latin.GetBytes(latin.GetString(File.ReadAllBytes(file)).Replace(Vocabulary.ChatTemplate, template, StringComparison.Ordinal)));
        return file;
    }

    private sealed class Told(Action<string> action) : IProgress<string>
    {
        public void Report(string value) => action(value);
    }
}
