using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Extensions.AI;
using VoiceConsole.Engine.Training.Gguf;

namespace VoiceConsole.Engine.Language.Llama;

/// <summary>A loaded model file; freed when it and all its contexts are disposed.</summary>
internal sealed unsafe class LlamaModel : SafeHandle
{
    private readonly nint _vocabulary;
    private readonly nint _template;
    private readonly string[] _controlNames;

    public LlamaModel(string ggufFile, IReadOnlyList<string> folders)
        : base(0, ownsHandle: true)
    {
        GgufReader.Check(ggufFile);
        LlamaNative.Load(folders);
        var parameters = LlamaNative.ModelDefaults();
        parameters.GpuLayers = 0;
        SetHandle(LlamaNative.ModelLoad(ggufFile, parameters));
        if (IsInvalid)
            throw new InvalidDataException($"llama.cpp cannot load {Path.GetFileName(ggufFile)}: {LlamaNative.LastError}");
        _vocabulary = LlamaNative.Vocabulary(handle);
        TrainedContext = LlamaNative.TrainedContext(handle);
        Begin = LlamaNative.Begin(_vocabulary);
        _controlNames = ControlNames();
        _template = LlamaNative.ChatTemplate(handle, 0);
        if (_template != 0 && Format([new ChatMessage(ChatRole.User, "Hello")]) is null)
            _template = 0;
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>The file has a chat template that llama.cpp knows.</summary>
    public bool HasTemplate => _template != 0;

    /// <summary>Tokens that the model was trained to look back on.</summary>
    public int TrainedContext { get; }

    private int Begin { get; }

    /// <summary>The end of a reply; models trained on plain text begin the next one instead of ending.</summary>
    public bool Ends(int token) => token == Begin || Pinned(() => LlamaNative.IsEnd(_vocabulary, token) != 0);

    /// <summary>The text without the power of its control tokens' names: what a user says must not end the user's message.</summary>
    public string Disarm(string text)
    {
        foreach (var name in _controlNames)
            text = text.Replace(name, $"{name[0]} {name[1..]}", StringComparison.Ordinal);
        return text;
    }

    /// <summary>The prompt as the model's template has it; null when llama.cpp does not know the template.</summary>
    public string? Format(IReadOnlyList<ChatMessage> messages) => Pinned(() => Apply(messages));

    /// <param name="text">Any text.</param>
    /// <param name="addSpecial">Begin with the token for the beginning, if the model wants it.</param>
    /// <param name="parseSpecial">Take the names of control tokens for these tokens.</param>
    public int[] Tokenize(string text, bool addSpecial, bool parseSpecial) => Pinned(() =>
    {
        var bytes = Encoding.UTF8.GetBytes(text + "\0");
        var tokens = new int[bytes.Length + 8];
        fixed (byte* first = bytes)
        fixed (int* into = tokens)
        {
            var count = LlamaNative.Tokenize(
                _vocabulary, first, bytes.Length - 1, into, tokens.Length, addSpecial ? (byte)1 : (byte)0, parseSpecial ? (byte)1 : (byte)0);
            return count >= 0 ? tokens[..count] : throw new InvalidOperationException($"llama.cpp gives {-count} tokens for {bytes.Length - 1} bytes.");
        }
    });

    /// <summary>The bytes of a token, which may be a part of a character; none for control tokens.</summary>
    public byte[] Piece(int token) => Pinned(() =>
    {
        var buffer = new byte[256];
        fixed (byte* bytes = buffer)
            return buffer[..Math.Max(0, LlamaNative.Piece(_vocabulary, token, bytes, buffer.Length, 0, 0))];
    });

    protected override bool ReleaseHandle()
    {
        LlamaNative.ModelFree(handle);
        return true;
    }

    private string[] ControlNames()
    {
        const int Control = 1 << 3, UserDefined = 1 << 4;
        var names = new List<string>();
        for (var token = 0; token < LlamaNative.VocabularySize(_vocabulary); token++)
        {
            if ((LlamaNative.Attributes(_vocabulary, token) & (Control | UserDefined)) != 0 && Marshal.PtrToStringUTF8(LlamaNative.Text(_vocabulary, token)) is { Length: > 1 } name)
                names.Add(name);
        }

        return [.. names];
    }

    private string? Apply(IReadOnlyList<ChatMessage> messages)
    {
        var native = new LlamaNative.Message[messages.Count];
        try
        {
            for (var i = 0; i < native.Length; i++)
            {
                native[i].Role = Marshal.StringToCoTaskMemUTF8(messages[i].Role.Value);
                native[i].Content = Marshal.StringToCoTaskMemUTF8(Disarm(messages[i].Text));
            }

            fixed (LlamaNative.Message* first = native)
            {
                var buffer = new byte[4096];
                while (true)
                {
                    int length;
                    fixed (byte* bytes = buffer)
                        length = LlamaNative.ApplyTemplate(_template, first, (nuint)native.Length, 1, bytes, buffer.Length);
                    if (length < 0)
                        return null;
                    if (length <= buffer.Length)
                        return Encoding.UTF8.GetString(buffer, 0, length);
                    buffer = new byte[length];
                }
            }
        }
        finally
        {
            foreach (var message in native)
            {
                Marshal.FreeCoTaskMem(message.Role);
                Marshal.FreeCoTaskMem(message.Content);
            }
        }
    }

    // Disposal in the middle of a call waits for the call.
    private T Pinned<T>(Func<T> call)
    {
        var added = false;
        try
        {
            DangerousAddRef(ref added);
            return call();
        }
        finally
        {
            if (added)
                DangerousRelease();
        }
    }
}
