using System.CommandLine;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Language.Llama;

namespace VoiceConsole.Web.Commands;

/// <summary>The switches that choose engines and manners; the same for every command that holds a conversation.</summary>
internal sealed class EngineOptions
{
    private static readonly ConversationOptions s_defaults = new();

    private readonly Option<string?> _llm = new("--llm") { Description = "Language model: a catalogue id, a GGUF file, or a server's address." };
    private readonly Option<string?> _llmUrl = new("--llm-url") { Description = "A model server: llama-server (http://localhost:8080), or any OpenAI-compatible one (an address that ends in /v1)." };
    private readonly Option<string[]> _lora = new("--lora") { Description = "A LoRA adapter that changes the model of --llm: FILE or FILE:SCALE; may be given several times." };
    private readonly Option<string?> _fallback = new("--fallback-llm") { Description = "Asked when the first model fails; same forms as --llm." };
    private readonly Option<string?> _tts = new("--tts", "--tts-model") { Description = VoiceOptions.Help };
    private readonly VoiceOptions _style = new();
    private readonly Option<string?> _asr = new("--asr") { Description = $"Recogniser: {string.Join(", ", EngineLoader.Recognizers)}, or the name or path of a model in models/." };
    private readonly Option<string?> _canceller = new("--canceller") { Description = "Echo canceller: webrtc, speex, adaptive or none." };
    private readonly Option<string> _language = new("--language") { Description = "The conversation's language: en or zh.", DefaultValueFactory = _ => s_defaults.Language };
    private readonly Option<string> _system = new("--system") { Description = "What the model is told before the conversation.", DefaultValueFactory = _ => s_defaults.SystemPrompt };
    private readonly Option<bool> _pauseMic = new("--pause-mic") { Description = "Ignore the microphone from the end of turn until the model's first token." };
    private readonly Option<bool> _noPrefill = new("--no-prefill") { Description = "Do not have the model read ahead while the user still speaks." };
    private readonly Option<double> _summarizeAt = new("--summarize-at") { Description = "Share of the model's context from which older history is summarised.", DefaultValueFactory = _ => s_defaults.SummarizeAt };
    private readonly Option<int> _maxTokens = new("--max-tokens") { Description = "Longest reply in tokens.", DefaultValueFactory = _ => s_defaults.MaxReplyTokens };
    private readonly Option<bool> _adult = CommandRun.AdultOption();
    private readonly Option<bool> _noRecord = new("--no-record") { Description = "Keep no recording of the conversation." };

    public static EngineOptions AddTo(Command command)
    {
        var options = new EngineOptions();
        Option[] all =
        [
            options._llm, options._llmUrl, options._lora, options._fallback, options._tts, options._asr, options._canceller, options._language,
            options._system, options._pauseMic, options._noPrefill, options._summarizeAt, options._maxTokens, options._noRecord, options._adult,
        ];
        foreach (var option in all.Concat(options._style.All))
            command.Options.Add(option);
        return options;
    }

    /// <exception cref="ArgumentException">Two switches contradict each other, or a value is out of range.</exception>
    public ConversationRequest Apply(ParseResult parsed, ConversationRequest request)
    {
        if (parsed.GetValue(_llm) is not null && parsed.GetValue(_llmUrl) is not null)
            throw new ArgumentException("--llm and --llm-url name two models. Give one of them; the other may be --fallback-llm.");
        if (parsed.GetValue(_lora) is { Length: > 0 } && parsed.GetValue(_llm) is null)
            throw new ArgumentException("--lora changes a model file: give it by --llm.");
        var options = request.Options with
        {
            Language = parsed.GetValue(_language)!,
            SystemPrompt = parsed.GetValue(_system)!,
            PauseMicrophoneDuringPrefill = parsed.GetValue(_pauseMic),
            PrefillWhileSpeaking = !parsed.GetValue(_noPrefill),
            SummarizeAt = parsed.GetValue(_summarizeAt),
            MaxReplyTokens = parsed.GetValue(_maxTokens),
            Record = !parsed.GetValue(_noRecord),
        };
        if (options.Validate() is { Count: > 0 } problems)
            throw new ArgumentException(string.Join(" ", problems));
        return request with
        {
            LanguageModel = parsed.GetValue(_llmUrl) ?? Adapted(parsed),
            FallbackModel = parsed.GetValue(_fallback),
            Voice = parsed.GetValue(_tts),
            Style = _style.Of(parsed),
            Recognizer = parsed.GetValue(_asr),
            Canceller = parsed.GetValue(_canceller),
            Options = options,
        };
    }

    public bool AllowsAdult(ParseResult parsed) => parsed.GetValue(_adult);

    private string? Adapted(ParseResult parsed) => parsed.GetValue(_llm) is { } model
        ? new LocalModelId(model, [.. (parsed.GetValue(_lora) ?? []).Select(LoraAdapter.Parse)]).ToString()
        : null;
}
