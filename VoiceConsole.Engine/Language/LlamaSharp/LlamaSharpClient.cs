using LLama;
using LLama.Abstractions;
using LLama.Common;
using LLama.Native;
using LLama.Transformers;
using Microsoft.Extensions.AI;

namespace VoiceConsole.Engine.Language.LlamaSharp;

/// <summary>A language model by LLamaSharp, for builds with -p:NuGetEngines=true. Prompts follow the template in the file.</summary>
internal sealed class LlamaSharpClient : DelegatingChatClient
{
    private readonly LLamaWeights _weights;

    // Its native library tells every step on standard error.
    static LlamaSharpClient() => NativeLogConfig.llama_log_set((_, _) => { });

    private LlamaSharpClient(LLamaWeights weights, IChatClient client) : base(client) => _weights = weights;

    /// <param name="file">A GGUF file.</param>
    /// <param name="threads">Processor threads, 1 or more.</param>
    /// <param name="contextTokens">Tokens for prompt and reply together.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidDataException">LLamaSharp cannot load the file.</exception>
    public static async Task<LlamaSharpClient> LoadAsync(string file, int threads, int contextTokens, CancellationToken cancellationToken)
    {
        var parameters = new ModelParams(file) { ContextSize = (uint)contextTokens, Threads = threads, BatchThreads = threads, GpuLayerCount = 0 };
        try
        {
            var weights = await LLamaWeights.LoadFromFileAsync(parameters, cancellationToken);
            return new LlamaSharpClient(weights, new StatelessExecutor(weights, parameters).AsChatClient(new PromptTemplateTransformer(weights, withAssistant: true)));
        }
        catch (LLama.Exceptions.LoadWeightsFailedException error)
        {
            throw new InvalidDataException($"LLamaSharp cannot load {Path.GetFileName(file)}: {error.Message}", error);
        }
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
            _weights.Dispose();
    }
}
