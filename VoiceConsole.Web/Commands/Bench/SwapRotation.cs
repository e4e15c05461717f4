using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Models;
using VoiceConsole.Web.Commands.Bench.Tiny;

namespace VoiceConsole.Web.Commands.Bench;

/// <summary>Engines to be swapped in one after the other, kind by kind: the embedded ones, generated ones of other families, and those given.</summary>
internal sealed class SwapRotation
{
    private readonly (EngineKind Kind, string?[] Ids)[] _kinds;

    /// <param name="folder">Where the generated ones go.</param>
    /// <param name="request">Its own engines take part, too.</param>
    /// <param name="more">Names or paths of further engines.</param>
    /// <exception cref="ArgumentException">One of them is none.</exception>
    public SwapRotation(string folder, ConversationRequest request, IEnumerable<string> more)
    {
        List<string?> voices = [request.Voice, TinyPiper.Write(folder, "one"), TinyPiper.Write(folder, "many", speakers: 3), TinySherpa.WriteKokoro(folder, "kokoro"), "flite-slt", "espeak-ng"];
        List<string?> ears = [request.Recognizer, TinySherpa.WriteSenseVoice(folder, "sense"), TinySherpa.WriteTransducer(folder, "zip"), TinySherpa.WriteParaformer(folder, "para"), TinyWhisper.Write(folder, "ggml-tiny")];
        List<string?> models = [request.LanguageModel, TinyModel.Write(folder, "first", seed: 1), TinyModel.Write(folder, "second", seed: 2)];
        foreach (var engine in more)
        {
            var list = engine.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) ? models : engine.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase) ? voices
                : engine.EndsWith(".bin", StringComparison.OrdinalIgnoreCase) ? ears
                : throw new ArgumentException($"'{engine}' is no engine's file: give a .gguf, a Piper voice's .onnx or a Whisper model's .bin.");
            list.Add(engine);
        }

        _kinds = [(EngineKind.Voice, [.. voices]), (EngineKind.Recognizer, [.. ears]), (EngineKind.LanguageModel, [.. models])];
        Length = _kinds.Length * _kinds.Select(k => k.Ids.Length).Aggregate(Common);
    }

    /// <summary>After that many swaps the same engines serve again.</summary>
    public int Length { get; }

    /// <param name="number">From 0.</param>
    public (EngineKind Kind, string? Id) this[int number]
    {
        get
        {
            var (kind, ids) = _kinds[number % _kinds.Length];
            return (kind, ids[((number / _kinds.Length) + 1) % ids.Length]);
        }
    }

    private static int Common(int a, int b)
    {
        var multiple = a;
        while (multiple % b != 0)
            multiple += a;
        return multiple;
    }
}
