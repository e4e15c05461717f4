using System.Runtime.InteropServices;
using System.Text;
using VoiceConsole.Engine.Training.Gguf;

namespace VoiceConsole.Engine.Language.Llama;

/// <summary>A loaded model file; freed when it and all its contexts are disposed.</summary>
internal sealed unsafe class LlamaModel : SafeHandle
{
    private readonly nint _vocabulary;
    private readonly string[] _controlNames;

    public LlamaModel(string ggufFile, IReadOnlyList<string> folders)
        : base(0, ownsHandle: true)
    {
        GgufReader.Read(ggufFile);
        LlamaNative.Load(folders);
        var parameters = LlamaNative.ModelDefaults();
        parameters.GpuLayers = 0;
        parameters.LoadMode = LlamaNative.LoadWhole;
        SetHandle(LlamaNative.ModelLoad(ggufFile, parameters));
        if (IsInvalid)
            throw new InvalidDataException($"llama.cpp cannot load {Path.GetFileName(ggufFile)}: {LlamaNative.LastError}");
        _vocabulary = LlamaNative.Vocabulary(handle);
        TrainedContext = LlamaNative.TrainedContext(handle);
        Begin = LlamaNative.Begin(_vocabulary);
        _controlNames = ControlNames();
        Template = Marshal.PtrToStringUTF8(LlamaNative.ChatTemplate(handle, 0));
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>The file's chat template, a program in Jinja; null for a model that was not made for chats.</summary>
    public string? Template { get; }

    public int VocabularySize => LlamaNative.VocabularySize(_vocabulary);

    /// <summary>Tokens that the model was trained to look back on.</summary>
    public int TrainedContext { get; }

    /// <summary>The names of the tokens that begin a prompt and end a reply, as templates use them; empty where there is none.</summary>
    public string BeginText => TextOf(Begin);

    public string EndText => TextOf(LlamaNative.End(_vocabulary));

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
        const int Longest = 256;
        var bytes = stackalloc byte[Longest];
        return new ReadOnlySpan<byte>(bytes, Math.Max(0, LlamaNative.Piece(_vocabulary, token, bytes, Longest, 0, 0))).ToArray();
    });

    /// <summary>Loads an adapter; it is freed with the model.</summary>
    /// <exception cref="InvalidDataException">It was made for another model.</exception>
    public nint Adapter(LoraAdapter adapter, string ggufFile)
    {
        adapter.RequireFor(ggufFile);
        var loaded = Pinned(() => LlamaNative.AdapterLoad(handle, adapter.File));
        return loaded != 0 ? loaded
            : throw new InvalidDataException($"{Path.GetFileName(adapter.File)} does not fit {Path.GetFileName(ggufFile)}: {LlamaNative.LastError} Take the model it was trained on.");
    }

    protected override bool ReleaseHandle()
    {
        LlamaNative.ModelFree(handle);
        return true;
    }

    private string TextOf(int token) => token < 0 ? "" : Pinned(() => Marshal.PtrToStringUTF8(LlamaNative.Text(_vocabulary, token)) ?? "");

    private string[] ControlNames()
    {
        const int Control = 1 << 3, UserDefined = 1 << 4;
        var names = new List<string>();
        for (var token = 0; token < VocabularySize; token++)
        {
            if ((LlamaNative.Attributes(_vocabulary, token) & (Control | UserDefined)) != 0 && Marshal.PtrToStringUTF8(LlamaNative.Text(_vocabulary, token)) is { Length: > 1 } name)
                names.Add(name);
        }

        return [.. names];
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
