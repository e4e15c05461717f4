using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.AI;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Models;
using VoiceConsole.Engine.Training.Gguf;

namespace VoiceConsole.Engine.Language.Llama;

/// <summary>
/// A language model in this process, by llama.cpp. Prompts follow the template in the file; where it has none, each message is a
/// line "System: …", "User: …" or "Assistant: …" and the prompt ends with "Assistant:" (no messages: no prompt at all, the model
/// begins as it likes). One reply at a time; what a prompt has in common with the one before is not read again.
/// </summary>
public sealed class LlamaChatClient : IChatClient, IPromptPrefill
{
    // A prefill is given up between pieces of this many tokens, and what it has read stays read.
    private const int PrefillPiece = 32;

    // Whoever reads the reply is woken at most this often: on two processors a wake-up for every token costs a small model a tenth of its speed.
    private static readonly long s_wakeUp = Stopwatch.Frequency / 100;

    private readonly LlamaModel _model;
    private readonly LlamaContext _context;
    private readonly ChatTemplate? _template;
    private readonly TaskScheduler _work;
    private readonly LlamaTokenCounter _counter;
    private readonly ChatClientMetadata _metadata;
    private readonly OneAtATime _one = new();
    private ChatMessage[] _lastMessages = [];
    private int[] _lastPrompt = [];
    private int _replyTokens, _promptTokens;

    /// <summary>Loads a model, which takes a while and memory of about the file's size.</summary>
    /// <param name="ggufFile">The model.</param>
    /// <param name="folders">Folders of the installed part "llama" and of what it needs.</param>
    /// <param name="threads">Processor threads for a reply, 1 or more.</param>
    /// <param name="contextTokens">Tokens for prompt and reply together; at most what the model was trained for is used.</param>
    /// <param name="work">Runs the native work, a whole reply as one work item.</param>
    /// <param name="adapters">Change the model; null for none.</param>
    /// <exception cref="InvalidDataException">The file is not GGUF, cut short, of a kind that llama.cpp does not know, or its chat template fails.</exception>
    /// <exception cref="DllNotFoundException">The native part is missing.</exception>
    public LlamaChatClient(string ggufFile, IReadOnlyList<string> folders, int threads, int contextTokens, TaskScheduler work, IReadOnlyList<LoraAdapter>? adapters = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threads);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(contextTokens);
        _work = work;
        _model = new LlamaModel(ggufFile, folders);
        try
        {
            _template = _model.Template is { } template ? new ChatTemplate(template, _model.BeginText, _model.EndText, folders) : null;
            _context = new LlamaContext(_model, threads, contextTokens);
            if (adapters is { Count: > 0 })
                _context.Adapt([.. adapters.Select(a => _model.Adapter(a, ggufFile))], [.. adapters.Select(a => a.Scale)]);
        }
        catch
        {
            _context?.Dispose();
            _template?.Dispose();
            _model.Dispose();
            throw;
        }

        _counter = new LlamaTokenCounter(_model, _context.Size);
        _metadata = new ChatClientMetadata("llama.cpp", null, Path.GetFileNameWithoutExtension(ggufFile));
    }

    /// <exception cref="ModelUnavailableException">The model would not fit in what memory is free.</exception>
    /// <exception cref="InvalidDataException">The file is not GGUF, or cut short.</exception>
    public static void RequireMemory(string ggufFile, int contextTokens, IReadOnlyList<LoraAdapter>? adapters = null) => FreeMemory.Require(
        ggufFile, LlamaMemory.Needed(GgufReader.Read(ggufFile), GgufShards.Bytes(ggufFile) + (adapters ?? []).Sum(a => new FileInfo(a.File).Length), contextTokens, LlamaContext.BatchTokens), FreeMemory.Bytes);

    /// <summary>The file has a chat template.</summary>
    public bool HasTemplate => _template is not null;

    /// <summary>Tokens of the last prompt that had to be read.</summary>
    internal int LastPrefillTokens { get; private set; }

    /// <summary>Tokens made so far of the reply under way, or of the last one.</summary>
    internal int ReplyTokens => Volatile.Read(ref _replyTokens);

    /// <summary>Streams a reply. Temperature 0 takes the likeliest token; the default is 0.7 with top-p 0.9 and seed 42.</summary>
    /// <exception cref="InvalidOperationException">The prompt does not fit in the context.</exception>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ChatMessage[] all = [.. messages];
        await _one.EnterAsync(cancellationToken);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // The model does not wait for whoever reads its reply: the whole reply is one work item, bounded by the context's size.
        var pieces = Channel.CreateUnbounded<byte[][]>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        var finish = ChatFinishReason.Stop;
        var work = Task.Factory.StartNew(
            () => finish = Reply(all, options, pieces.Writer, cancel.Token), CancellationToken.None, TaskCreationOptions.DenyChildAttach, _work);
        try
        {
            var text = new ReplyDecoder([.. options?.StopSequences ?? [], .. HasTemplate ? (string[])[] : [PlainPrompt.UserLine]]);
            await foreach (var made in pieces.Reader.Items(cancellationToken))
            {
                foreach (var piece in made)
                {
                    // What was made ahead is of no use any more.
                    cancellationToken.ThrowIfCancellationRequested();
                    if (text.Append(piece) is { Length: > 0 } sure)
                        yield return new ChatResponseUpdate(ChatRole.Assistant, sure);
                    if (text.Stopped)
                        break;
                }

                if (text.Stopped)
                    break;
            }

            if (text.Append([], last: true) is var rest && text.Stopped)
                finish = ChatFinishReason.Stop;
            else
                await work;
            var usage = new UsageDetails { InputTokenCount = Volatile.Read(ref _promptTokens), OutputTokenCount = ReplyTokens };
            yield return new ChatResponseUpdate(ChatRole.Assistant, [new TextContent(rest), new UsageContent(usage)]) { FinishReason = finish };
        }
        finally
        {
            // Here and not on the pool, for which virtual time would not wait.
            cancel.Cancel();
            await work.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            _one.Leave();
        }
    }

    /// <inheritdoc/>
    public async Task PrefillAsync(IEnumerable<ChatMessage> messages, CancellationToken cancellationToken)
    {
        ChatMessage[] all = [.. messages];
        await _one.EnterAsync(cancellationToken);
        try
        {
            await Task.Factory.StartNew(() => Prefill(all, cancellationToken), CancellationToken.None, TaskCreationOptions.DenyChildAttach, _work);
        }
        finally
        {
            _one.Leave();
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
        _template?.Dispose();
        _model.Dispose();
    }

    // Writes the reply as it comes and closes the writer, with the error if there is one.
    private ChatFinishReason Reply(ChatMessage[] messages, ChatOptions? options, ChannelWriter<byte[][]> pieces, CancellationToken cancellationToken)
    {
        Exception? failure = null;
        var made = new List<byte[]>();
        try
        {
            Volatile.Write(ref _replyTokens, 0);
            using var abort = _context.AbortOn(cancellationToken);
            var prompt = Prompt(messages);
            using var sampler = new LlamaSampler(options);
            var read = _context.Rewind(prompt);
            LastPrefillTokens = prompt.Length - read;
            Volatile.Write(ref _promptTokens, prompt.Length);
            while (read < prompt.Length)
                read += _context.Read(prompt.AsSpan(read));

            var limit = options?.MaxOutputTokens ?? int.MaxValue;
            var wokenAt = long.MinValue / 2;
            for (var count = 1; count <= limit; count++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var token = _context.Sample(sampler);
                Volatile.Write(ref _replyTokens, count);
                if (_model.Ends(token))
                    return ChatFinishReason.Stop;
                made.Add(_model.Piece(token));
                var now = Stopwatch.GetTimestamp();
                if (now - wokenAt >= s_wakeUp)
                {
                    HandOver();
                    wokenAt = now;
                }

                if (_context.IsFull)
                    break;
                // Read at once, so that the context holds all of the reply.
                if (count < limit)
                    _context.Read([token]);
            }

            return ChatFinishReason.Length;
        }
        catch (Exception error)
        {
            failure = error;
            throw;
        }
        finally
        {
            HandOver();
            pieces.Complete(failure);
        }

        void HandOver()
        {
            pieces.TryWrite([.. made]);
            made.Clear();
        }
    }

    private void Prefill(ChatMessage[] messages, CancellationToken cancellationToken)
    {
        // Cut off between pieces only: what is being read will most likely be wanted.
        using var whole = _context.AbortOn(CancellationToken.None);
        var prompt = Prompt(messages);
        for (var read = _context.Rewind(prompt); read < prompt.Length && !cancellationToken.IsCancellationRequested;)
            read += _context.Read(prompt.AsSpan(read, Math.Min(PrefillPiece, prompt.Length - read)));
    }

    /// <summary>The tokens that ask for a reply.</summary>
    internal int[] Prompt(ChatMessage[] messages)
    {
        // What was read ahead is asked for next, and a long history takes milliseconds to write down and to split.
        if (_lastPrompt.Length > 0 && messages.Length == _lastMessages.Length && messages.Zip(_lastMessages).All(m => m.First.Role == m.Second.Role && m.First.Text == m.Second.Text))
            return _lastPrompt;
        var prompt = Tokens(messages);
        (_lastMessages, _lastPrompt) = (messages, prompt);
        return prompt;
    }

    private int[] Tokens(ChatMessage[] messages)
    {
        var text = _template?.Format([.. messages.Select(m => new ChatMessage(m.Role, _model.Disarm(m.Text)))]) ?? PlainPrompt.Ask(messages);
        // Where the template begins the prompt, the tokenizer must not begin it once more.
        var hasBegin = HasTemplate && _model.BeginText is { Length: > 0 } begin && text.StartsWith(begin, StringComparison.Ordinal);
        var tokens = _model.Tokenize(text, addSpecial: !hasBegin, parseSpecial: HasTemplate);
        if (tokens.Length == 0)
            throw new InvalidOperationException("The prompt is empty and the model has no token to begin with. Give it a message.");
        return tokens.Length < _context.Size
            ? tokens
            : throw new InvalidOperationException(
                $"The prompt has {tokens.Length} tokens and the context {_context.Size}. Shorten the history or take a model or setting with a larger context.");
    }
}
