using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.AI;

namespace VoiceConsole.Engine.Language.Llama;

/// <summary>
/// A language model in this process, by llama.cpp. Prompts follow the template in the file where llama.cpp knows it; otherwise each
/// message is a line "System: …", "User: …" or "Assistant: …" and the prompt ends with "Assistant:" (no messages: no prompt at all,
/// the model begins as it likes). One reply at a time; what a prompt has in common with the one before is not read again.
/// </summary>
public sealed class LlamaChatClient : IChatClient
{
    private const string UserLine = "\nUser:";

    private readonly LlamaModel _model;
    private readonly LlamaContext _context;
    private readonly TaskScheduler _work;
    private readonly LlamaTokenCounter _counter;
    private readonly ChatClientMetadata _metadata;
    private readonly SemaphoreSlim _one = new(1, 1);

    /// <summary>Loads a model, which takes a while and memory of about the file's size.</summary>
    /// <param name="ggufFile">The model.</param>
    /// <param name="folders">Folders of the installed part "llama".</param>
    /// <param name="threads">Processor threads for a reply, 1 or more.</param>
    /// <param name="contextTokens">Tokens for prompt and reply together; at most what the model was trained for is used.</param>
    /// <param name="work">Runs the native work, one token a work item.</param>
    /// <exception cref="InvalidDataException">The file is not GGUF, cut short, or of a kind that llama.cpp does not know.</exception>
    /// <exception cref="DllNotFoundException">The native part is missing.</exception>
    public LlamaChatClient(string ggufFile, IReadOnlyList<string> folders, int threads, int contextTokens, TaskScheduler work)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threads);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(contextTokens);
        _work = work;
        _model = new LlamaModel(ggufFile, folders);
        try
        {
            _context = new LlamaContext(_model, threads, contextTokens);
        }
        catch
        {
            _model.Dispose();
            throw;
        }

        _counter = new LlamaTokenCounter(_model, _context.Size);
        _metadata = new ChatClientMetadata("llama.cpp", null, Path.GetFileNameWithoutExtension(ggufFile));
    }

    /// <summary>The file has a chat template that llama.cpp knows.</summary>
    public bool HasTemplate => _model.HasTemplate;

    /// <summary>Tokens of the last prompt that had to be read.</summary>
    internal int LastPrefillTokens { get; private set; }

    /// <summary>Streams a reply. Temperature 0 takes the likeliest token; the default is 0.7 with top-p 0.9 and seed 42.</summary>
    /// <exception cref="InvalidOperationException">The prompt does not fit in the context.</exception>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ChatMessage[] all = [.. messages];
        await _one.WaitAsync(cancellationToken);
        try
        {
            var prompt = await Run(() => Prompt(all), cancellationToken);
            using var sampler = new LlamaSampler(options);
            var text = new ReplyDecoder([.. options?.StopSequences ?? [], .. HasTemplate ? (string[])[] : [UserLine]]);
            var unread = prompt.AsMemory(await Run(() => _context.Rewind(prompt), cancellationToken));
            LastPrefillTokens = unread.Length;
            while (unread.Length > 0)
            {
                var rest = unread;
                unread = unread[await Run(() => _context.Read(rest.Span), cancellationToken)..];
            }

            var finish = ChatFinishReason.Length;
            var limit = options?.MaxOutputTokens ?? int.MaxValue;
            for (var count = 0; count < limit; count++)
            {
                var goesOn = count + 1 < limit;
                var piece = await Run(() => Next(sampler, goesOn), cancellationToken);
                var sure = piece is null ? "" : text.Append(piece);
                if (sure.Length > 0)
                    yield return new ChatResponseUpdate(ChatRole.Assistant, sure);
                if (piece is null || text.Stopped)
                {
                    finish = ChatFinishReason.Stop;
                    break;
                }

                if (_context.IsFull)
                    break;
            }

            yield return new ChatResponseUpdate(ChatRole.Assistant, text.Append([], last: true)) { FinishReason = finish };
        }
        finally
        {
            _one.Release();
        }
    }

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is not null)
            return null;
        if (serviceType == typeof(ITokenCounter))
            return _counter;
        if (serviceType == typeof(ChatClientMetadata))
            return _metadata;
        return serviceType.IsInstanceOfType(this) ? this : null;
    }

    /// <summary>Frees the model, after the token that is being made; a reply under way fails with ObjectDisposedException.</summary>
    public void Dispose()
    {
        _context.Dispose();
        _model.Dispose();
    }

    private int[] Prompt(ChatMessage[] messages)
    {
        var text = HasTemplate ? _model.Format(messages) ?? Plain(messages) : Plain(messages);
        var tokens = _model.Tokenize(text, addSpecial: true, parseSpecial: HasTemplate);
        if (tokens.Length == 0)
            throw new InvalidOperationException("The prompt is empty and the model has no token to begin with. Give it a message.");
        return tokens.Length < _context.Size
            ? tokens
            : throw new InvalidOperationException(
                $"The prompt has {tokens.Length} tokens and the context {_context.Size}. Shorten the history or take a model or setting with a larger context.");
    }

    private static string Plain(ChatMessage[] messages)
    {
        if (messages.Length == 0)
            return "";
        var prompt = new StringBuilder();
        foreach (var message in messages)
        {
            var who = message.Role == ChatRole.System ? "System" : message.Role == ChatRole.Assistant ? "Assistant" : "User";
            prompt.Append(who).Append(": ").Append(message.Text).Append('\n');
        }

        return prompt.Append("Assistant:").ToString();
    }

    // The token is read at once, so that the context holds all of the reply; null is its end.
    private byte[]? Next(LlamaSampler sampler, bool goesOn)
    {
        var token = _context.Sample(sampler);
        if (_model.Ends(token))
            return null;
        if (goesOn)
            _context.Read([token]);
        return _model.Piece(token);
    }

    private Task<T> Run<T>(Func<T> step, CancellationToken cancellationToken) =>
        Task.Factory.StartNew(step, cancellationToken, TaskCreationOptions.DenyChildAttach, _work);
}
