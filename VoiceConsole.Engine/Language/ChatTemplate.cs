using System.Text.Json;
using Jint;
using Jint.Native;
using Jint.Runtime;
using Microsoft.Extensions.AI;

namespace VoiceConsole.Engine.Language;

/// <summary>
/// A model's own chat template, a program in Jinja, run by Hugging Face's interpreter for it. A file from anywhere brings the
/// program, so it runs in a box: no input or output, bounded time, memory and depth. Not thread-safe.
/// </summary>
internal sealed class ChatTemplate : IDisposable
{
    private const int MaxBytes = 64_000_000, MaxDepth = 500, MaxText = 4_000_000;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(2);

    private readonly Jint.Engine _engine = new(box => box
        .TimeoutInterval(s_limit).LimitMemory(MaxBytes).LimitRecursion(MaxDepth).RegexTimeoutInterval(s_limit));

    private readonly JsValue _render;
    private readonly string _begin, _end;
    private readonly bool _hasSystem;

    /// <param name="template">The program.</param>
    /// <param name="begin">The text of the token that begins a prompt; may be empty.</param>
    /// <param name="end">The text of the token that ends a reply; may be empty.</param>
    /// <param name="folders">Folders of the installed part "jinja".</param>
    /// <exception cref="InvalidDataException">The template is no program, or fails on the simplest conversation.</exception>
    /// <exception cref="FileNotFoundException">The part is missing.</exception>
    public ChatTemplate(string template, string begin, string end, IReadOnlyList<string> folders)
    {
        (_begin, _end) = (begin, end);
        var interpreter = folders.Select(f => Path.Combine(f, "package", "dist", "index.cjs")).FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException("The part 'jinja', which reads chat templates, is missing. Fetch it with 'models pull jinja'.");
        _engine.Execute("const module = { exports: {} }, exports = module.exports;").Execute(File.ReadAllText(interpreter));
        _engine.SetValue("source", template);
        try
        {
            _render = Bounded(() => _engine.Evaluate("const template = new module.exports.Template(source); json => template.render(JSON.parse(json));"));
            // Some templates refuse system messages, and some everything without one.
            ChatMessage user = new(ChatRole.User, "Hello");
            _hasSystem = Accepts([new(ChatRole.System, "Be kind."), user]);
            if (!_hasSystem)
                Format([user]);
        }
        catch (InvalidOperationException error)
        {
            _engine.Dispose();
            throw new InvalidDataException($"The model's chat template cannot be used: {error.Message}", error);
        }
    }

    /// <summary>The conversation as the model reads it. A system message that the template would refuse begins the first user message.</summary>
    /// <param name="messages">In order.</param>
    /// <param name="asksForReply">Ends with the beginning of the next reply.</param>
    /// <exception cref="InvalidOperationException">The template refuses these messages, or does not come to an end.</exception>
    public string Format(IReadOnlyList<ChatMessage> messages, bool asksForReply = true)
    {
        if (!_hasSystem && messages is [{ } system, { } first, ..] && system.Role == ChatRole.System)
            messages = [new ChatMessage(first.Role, $"{system.Text}\n\n{first.Text}"), .. messages.Skip(2)];
        return Render(messages, asksForReply);
    }

    public void Dispose() => _engine.Dispose();

    private bool Accepts(IReadOnlyList<ChatMessage> messages)
    {
        try
        {
            Render(messages, asksForReply: true);
            return true;
        }
        catch (InvalidOperationException error) when (error.InnerException is JavaScriptException)
        {
            return false;
        }
    }

    private string Render(IReadOnlyList<ChatMessage> messages, bool asksForReply)
    {
        // Thinking aloud would be seconds of silence.
        var json = JsonSerializer.Serialize(new
        {
            messages = messages.Select(m => new { role = m.Role.Value, content = m.Text }),
            add_generation_prompt = asksForReply,
            enable_thinking = false,
            bos_token = _begin,
            eos_token = _end,
        });
        var text = Bounded(() => _engine.Invoke(_render, json)).ToString();
        return text.Length <= MaxText
            ? text
            : throw new InvalidOperationException($"The model's chat template makes {text.Length} characters of this conversation.");
    }

    private static JsValue Bounded(Func<JsValue> run)
    {
        try
        {
            return run();
        }
        catch (Exception error) when (error is JintException or TimeoutException)
        {
            throw new InvalidOperationException($"The model's chat template fails: {error.Message}", error);
        }
    }
}
