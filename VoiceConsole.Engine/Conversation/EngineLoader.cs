using Microsoft.Extensions.AI;
using VoiceConsole.Engine.Audio;
using VoiceConsole.Engine.Audio.Devices;
using VoiceConsole.Engine.Echo;
using VoiceConsole.Engine.Echo.Adaptive;
using VoiceConsole.Engine.Echo.Speex;
using VoiceConsole.Engine.Echo.WebRtc;
using VoiceConsole.Engine.Language;
using VoiceConsole.Engine.Language.Llama;
using VoiceConsole.Engine.Language.Servers;
using VoiceConsole.Engine.Models;
using VoiceConsole.Engine.Speech;
using VoiceConsole.Engine.Speech.Espeak;
using VoiceConsole.Engine.Speech.Flite;
using VoiceConsole.Engine.Speech.Piper;
using VoiceConsole.Engine.Speech.PocketSphinx;
using VoiceConsole.Engine.Speech.Reading;
using VoiceConsole.Engine.Speech.Sherpa;
using VoiceConsole.Engine.Speech.Silero;
using VoiceConsole.Engine.Speech.Whisper;
using VoiceConsole.Engine.Training;

namespace VoiceConsole.Engine.Conversation;

/// <summary>Makes an engine from the name a user gives it, after the parts it needs were fetched. Each engine belongs to the caller.</summary>
/// <param name="store">Where the parts come from.</param>
/// <param name="work">Where engines run blocking work; the conversation's <see cref="EventLoop.Work"/>.</param>
/// <param name="progress">Sentences for people.</param>
public sealed class EngineLoader(ModelStore store, TaskScheduler work, IProgress<string>? progress = null)
{
    public const string DefaultRecognizer = "pocketsphinx-en-us", DefaultEnglishVoice = "flite-slt", DefaultVoice = "espeak-ng", DefaultCanceller = "webrtc", DefaultModel = ChatModelRecipe.Name;

    /// <summary>The room's user has another voice than the console's own, so that the two can be told apart by ear.</summary>
    public const string RoomUserVoice = "flite-rms";

    /// <summary>The parts of engines that nobody chooses by name.</summary>
    public const string Detector = "silero-vad", HostSound = "portaudio", LocalModels = "llama";

    /// <summary>Tokens of a local model's context, at most.</summary>
    public const int ContextTokens = 4096;

    // The threads of so small a model would wait for each other longer than they work.
    private const long OneThreadBytes = 32_000_000;

    public static IReadOnlyList<string> Voices { get; } = ["flite-slt", "flite-rms", "flite-awb", "flite-kal16", "espeak-ng"];

    public static IReadOnlyList<string> Recognizers { get; } = [DefaultRecognizer];

    public static IReadOnlyList<string> Cancellers { get; } = ["webrtc", "speex", "adaptive", "none"];

    // What a recogniser or voice works with beside its weights, rounded up.
    private const long NativeWork = 300_000_000;

    /// <summary>About what a recogniser or voice takes of memory when it is loaded, in bytes.</summary>
    /// <param name="fileBytes">Size of its files.</param>
    public static long SpeechMemory(long fileBytes) => (fileBytes * 3 / 2) + NativeWork;

    /// <summary>Before a GGUF file: it is run by LLamaSharp, in builds that have it.</summary>
    public const string LlamaSharp = "llamasharp:";

    /// <summary>How neural voices speak.</summary>
    public VoiceStyle? Style { get; init; }

    /// <summary>BCP 47 tag of what is spoken, for recognisers that understand several languages; empty has them tell.</summary>
    public string Language { get; init; } = "en";

    /// <summary>The parts of the catalogue that a conversation of this request loads, each after what it needs.</summary>
    public static IReadOnlyList<CatalogPart> PartsOf(ConversationRequest request, ModelCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(catalog);
        string[] models = [request.LanguageModel ?? DefaultModel, .. request.FallbackModel is { } other ? [other] : Array.Empty<string>()];
        IEnumerable<string> engines =
        [
            request.Canceller ?? DefaultCanceller,
            Detector,
            request.Recognizer ?? DefaultRecognizer,
            .. request.Voice is { } voice ? [voice] : new[] { DefaultEnglishVoice, DefaultVoice },
            .. request.Device == "room" ? [RoomUserVoice] : Array.Empty<string>(),
            .. request.Device == "host" ? [HostSound] : Array.Empty<string>(),
            .. models.Where(m => catalog.Here.Any(p => p.Id == m)),
            .. models.Any(IsLocal) ? [LocalModels] : Array.Empty<string>(),
        ];
        // What is no part, such as "none" or a slip of the pen, is for the loading to judge.
        return catalog.WithNeeds(engines.Select(catalog.PartOf).OfType<CatalogPart>().Select(p => p.Id));

        static bool IsLocal(string model) => ModelAddress.Parse(model).Kind == ModelAddressKind.File;
    }

    /// <exception cref="ModelUnavailableException">The part cannot be had.</exception>
    public async Task<IVoiceDetector> DetectorAsync(CancellationToken cancellationToken)
    {
        var part = await RequireAsync(Detector, cancellationToken);
        return new SileroVoiceDetector(Directory.EnumerateFiles(part.Folder, "silero_vad_v6.onnx", SearchOption.AllDirectories).First());
    }

    /// <summary>One recogniser by its id, by the name of a model in models/, or by path.</summary>
    /// <exception cref="ModelUnavailableException">The part cannot be had, or the model does not fit in memory.</exception>
    /// <exception cref="InvalidDataException">The model's file is damaged, or does not understand the language.</exception>
    /// <exception cref="ArgumentException">There is no such recogniser.</exception>
    public async Task<ISpeechRecognizer> RecognizerAsync(string? id, CancellationToken cancellationToken)
    {
        if (id is null or DefaultRecognizer or "pocketsphinx")
            return new PocketSphinxRecognizer((await RequireAsync("pocketsphinx", cancellationToken)).Folders, work);
        var place = await LocateAsync(id, EngineKind.Recognizer, cancellationToken) ?? throw new ArgumentException($"There is no recogniser '{id}'. There are: {string.Join(", ", Recognizers.Concat(LocalNames(EngineKind.Recognizer)))}.");
        if (Directory.Exists(place))
            return await SherpaRecognizerAsync(place, cancellationToken);
        FreeMemory.Require(place, SpeechMemory(new FileInfo(place).Length), FreeMemory.Bytes);
        var part = await RequireAsync("whisper", cancellationToken);
        return await LoadAsync([place], () => new WhisperRecognizer(place, part.Folders, Language, Environment.ProcessorCount, work));
    }

    private Task<ISpeechRecognizer> SherpaRecognizerAsync(string folder, CancellationToken cancellationToken) =>
        SherpaAsync<ISpeechRecognizer>(folder, isVoice: false, (model, folders) => model.IsStreaming
            ? new SherpaStreamingRecognizer(model, folders, Language, Environment.ProcessorCount, work)
            : new SherpaWholeRecognizer(model, folders, Language, Environment.ProcessorCount, work), cancellationToken);

    private async Task<T> SherpaAsync<T>(string folder, bool isVoice, Func<SherpaModel, IReadOnlyList<string>, T> load, CancellationToken cancellationToken) where T : IAsyncDisposable
    {
        if (SherpaModel.Find(folder) is not { } found || found.IsVoice != isVoice)
            throw new InvalidDataException($"{folder} holds no {(isVoice ? "voice" : "recogniser")} that can be told by its files.");
        FreeMemory.Require(folder, SpeechMemory(found.Bytes), FreeMemory.Bytes);
        var library = await RequireAsync("sherpa-onnx", cancellationToken);
        var phonemes = isVoice ? (await RequireAsync("espeak-ng", cancellationToken)).Folders : [];
        using var copy = new SherpaCopy(folder, store.Folder);
        if (copy.Model is not { } model || model.Family != found.Family)
            throw new InvalidDataException($"{found.Name} changed while it was being loaded. Try again when all of it is there.");
        model.RequireLoadable();
        progress?.Report($"Loading {model.Name}");
        var engine = load(model, [.. library.Folders, .. phonemes]);
        return await KeepAsync(engine, copy.RequireSame);
    }

    // What is loaded from files that somebody writes to meanwhile is refused.
    private async Task<T> LoadAsync<T>(IReadOnlyList<string> files, Func<T> load) where T : IAsyncDisposable
    {
        var stamps = new FileStamps(files);
        progress?.Report($"Loading {Path.GetFileName(files[0])}");
        return await KeepAsync(load(), stamps.RequireSame);
    }

    private static async Task<T> KeepAsync<T>(T engine, Action check) where T : IAsyncDisposable
    {
        try
        {
            check();
            return engine;
        }
        catch
        {
            await engine.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// One voice by its id, by the name of one in models/, or by path; without one, flite for English and espeak-ng for everything else,
    /// which only other languages miss where it cannot be had. Of several, with commas between, each sentence goes to the first that
    /// speaks its language; what a neural voice does not speak goes to espeak-ng.
    /// </summary>
    /// <exception cref="ModelUnavailableException">The part cannot be had, or the voice does not fit in memory.</exception>
    /// <exception cref="InvalidDataException">The voice's files are damaged, or contradict each other.</exception>
    /// <exception cref="ArgumentException">There is no such voice.</exception>
    public async Task<ISpeechSynthesizer> VoiceAsync(string? id, CancellationToken cancellationToken) => new ReadingVoice(await PlainVoiceAsync(id, cancellationToken));

    private async Task<ISpeechSynthesizer> PlainVoiceAsync(string? id, CancellationToken cancellationToken)
    {
        switch (id)
        {
            case null:
                return new VoiceByLanguage(await PlainVoiceAsync(DefaultEnglishVoice, cancellationToken), await OtherLanguagesAsync(cancellationToken));
            case "espeak-ng":
                return new EspeakSynthesizer((await RequireAsync("espeak-ng", cancellationToken)).Folders, work);
            case { } when Voices.Contains(id):
                return new FliteSynthesizer((await RequireAsync("flite", cancellationToken)).Folders, id["flite-".Length..], work);
            case { } when id.IndexOf(',', StringComparison.Ordinal) is > 0 and var comma:
                return new VoiceByLanguage(await PlainVoiceAsync(id[..comma].Trim(), cancellationToken), await PlainVoiceAsync(id[(comma + 1)..].Trim(), cancellationToken));
            default:
                return new VoiceByLanguage(await LocalVoiceAsync(id, cancellationToken), await OtherLanguagesAsync(cancellationToken));
        }
    }

    private async Task<ISpeechSynthesizer> LocalVoiceAsync(string id, CancellationToken cancellationToken)
    {
        var place = await LocateAsync(id, EngineKind.Voice, cancellationToken) ?? throw new ArgumentException($"There is no voice '{id}'. There are: {string.Join(", ", Voices.Concat(LocalNames(EngineKind.Voice)))}.");
        if (Directory.Exists(place))
            return await SherpaAsync(place, isVoice: true, (model, folders) => new SherpaSynthesizer(model, folders, Style, Environment.ProcessorCount, work), cancellationToken);
        FreeMemory.Require(place, new FileInfo(place).Length + NativeWork, FreeMemory.Bytes);
        var part = await RequireAsync("espeak-ng", cancellationToken);
        return await LoadAsync([place, place + ".json"], () => new PiperSynthesizer(place, part.Folders, Style, Environment.ProcessorCount, work));
    }

    // By path, by the name of something in models/, or by that of a part that is on offer, which is fetched.
    private async Task<string?> LocateAsync(string id, EngineKind kind, CancellationToken cancellationToken)
    {
        if (File.Exists(id) || Directory.Exists(id))
            return id;
        if (Named() is { } place)
            return place;
        if (!store.Catalog.Here.Any(p => p.Id == id && p.Optional))
            return null;
        await RequireAsync(id, cancellationToken);
        return Named();

        string? Named() => LocalSpeech.Find(store.Folder).FirstOrDefault(s => s.Kind == kind && s.Name == id)?.Path;
    }

    private IEnumerable<string> LocalNames(EngineKind kind) => LocalSpeech.Find(store.Folder).Where(s => s.Kind == kind && s.Problem is null).Select(s => s.Name);

    private async Task<ISpeechSynthesizer> OtherLanguagesAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await PlainVoiceAsync(DefaultVoice, cancellationToken);
        }
        catch (ModelUnavailableException error)
        {
            progress?.Report($"{error.Message} Only English can be spoken.");
            return new MissingVoice(DefaultVoice, error);
        }
    }

    /// <exception cref="ModelUnavailableException">The part cannot be had.</exception>
    /// <exception cref="ArgumentException">There is no such canceller.</exception>
    public async Task<IEchoCanceller> CancellerAsync(string? id, CancellationToken cancellationToken) => id switch
    {
        null or "webrtc" => new WebRtcCanceller((await RequireAsync("webrtc", cancellationToken)).Folders),
        "speex" => new SpeexCanceller((await RequireAsync("speex", cancellationToken)).Folders),
        "adaptive" => new AdaptiveCanceller(),
        "none" => new NoCanceller(),
        _ => throw new ArgumentException($"There is no canceller '{id}'. There are: {string.Join(", ", Cancellers)}."),
    };

    /// <summary>The host's microphone and loudspeaker, by number or part of the name; null for the system's default.</summary>
    /// <exception cref="ModelUnavailableException">The part cannot be had.</exception>
    /// <exception cref="AudioDeviceException">There is no such device.</exception>
    public async Task<IAudioDevice> HostDeviceAsync(string? microphone, string? loudspeaker, TimeProvider time, CancellationToken cancellationToken)
    {
#if NUGET_ENGINES
        if (OperatingSystem.IsWindows())
            return new Audio.Devices.NAudio.NAudioDevice(microphone, loudspeaker, time);
#endif
        var part = await RequireAsync(HostSound, cancellationToken);
        progress?.Report("Opening the microphone and the loudspeaker");
        return new HostAudioDevice(part.Folders, microphone, loudspeaker, time);
    }

    /// <summary>A language model by GGUF file, server address or the id of one in the catalogue; without one, the console's own.</summary>
    /// <returns>The model, and its name without secrets.</returns>
    /// <exception cref="ModelUnavailableException">The part or file cannot be had.</exception>
    /// <exception cref="InvalidDataException">The file is no GGUF that can be used.</exception>
    /// <exception cref="ArgumentException">The catalogue has a part of that id, but it is no language model.</exception>
    public async Task<(IChatClient Model, string Name)> ModelAsync(string? address, CancellationToken cancellationToken)
    {
        address ??= DefaultModel;
#if NUGET_ENGINES
        if (address.StartsWith(LlamaSharp, StringComparison.Ordinal))
        {
            var file = address[LlamaSharp.Length..];
            store.RequireOffered(file);
            LlamaChatClient.RequireMemory(file, ContextTokens);
            return (await Engine.Language.LlamaSharp.LlamaSharpClient.LoadAsync(file, Environment.ProcessorCount, ContextTokens, cancellationToken), $"{Path.GetFileName(address)} by LLamaSharp");
        }
#endif
        var place = ModelAddress.Parse(address);
        return place.Kind switch
        {
            ModelAddressKind.LlamaServer => (new LlamaServerClient(place.Server!), place.Name),
            ModelAddressKind.OpenAi => (new OpenAiClient(place.Server!, place.Model, Environment.GetEnvironmentVariable("OPENAI_API_KEY")), place.Name),
            _ => await LocalAsync(LocalModelId.Parse(address), cancellationToken),
        };
    }

    private async Task<(IChatClient Model, string Name)> LocalAsync(LocalModelId model, CancellationToken cancellationToken)
    {
        model = model with { File = await ModelFileAsync(model.File, cancellationToken) };
        var (file, adapters) = (model.File, model.Adapters);
        foreach (var chosen in adapters.Select(a => a.File).Prepend(file))
            store.RequireOffered(chosen);
        if (adapters.Select(a => a.File).Prepend(file).FirstOrDefault(f => !File.Exists(f)) is { } missing)
            throw new ModelUnavailableException($"There is no model file '{missing}'.", $"Give the path of a GGUF file, a server's address such as http://localhost:8080, or one of {ModelIds}.");
        LlamaChatClient.RequireMemory(file, ContextTokens, adapters);
        var part = await RequireAsync(LocalModels, cancellationToken);
        var stamps = new FileStamps([.. GgufShards.Of(file), .. adapters.Select(a => a.File)]);
        progress?.Report($"Loading {Path.GetFileName(file)}");
        var client = new LlamaChatClient(file, part.Folders, ThreadsFor(file), ContextTokens, work, adapters);
        try
        {
            stamps.RequireSame();
            return (client, model.Name);
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    private string ModelIds => string.Join(", ", store.Catalog.Here.Where(IsModel).Select(p => p.Id));

    // A path stays what it is; a part of the catalogue is fetched.
    private async Task<string> ModelFileAsync(string name, CancellationToken cancellationToken)
    {
        if (store.Catalog.Here.FirstOrDefault(p => p.Id == name) is not { } part || File.Exists(name))
            return name;
        if (!IsModel(part))
            throw new ArgumentException($"'{name}' is no language model. There are: {ModelIds}.");
        return Directory.EnumerateFiles((await RequireAsync(name, cancellationToken)).Folder, "*.gguf").First();
    }

    // The library that runs them is of the same kind, but runs in nothing.
    private static bool IsModel(CatalogPart part) => part.Kind == "llm" && part.Needs?.Contains(LocalModels) == true;

    /// <summary>Processor threads that a local model is fastest with.</summary>
    internal static int ThreadsFor(string ggufFile) => new FileInfo(ggufFile).Length < OneThreadBytes ? 1 : Environment.ProcessorCount;

    private Task<InstalledPart> RequireAsync(string id, CancellationToken cancellationToken) =>
        store.RequireAsync(id, progress is null ? null : new PartSentences(progress), cancellationToken);
}
