using System.Runtime.InteropServices;
using System.Text;
using VoiceConsole.Engine.Native;

namespace VoiceConsole.Engine.Speech.Espeak;

/// <summary>espeak-ng in this process: it has one state, so whoever uses it holds <see cref="Lock"/>.</summary>
internal static unsafe class EspeakLibrary
{
    /// <summary>The voice for words in another script among Chinese ones.</summary>
    public const string Latin = "en";

    // The one it calls plain "cmn" says the pinyin of a character as if it were English: "ni three hao three".
    private const string Mandarin = "cmn-latn-pinyin";

    /// <summary>Held from choosing the voice to the end of its use.</summary>
    public static readonly Lock Lock = new();

    private static EspeakNative? s_native;
    private static string? s_data;

    /// <summary>Samples per second of its sound; 0 before it is loaded.</summary>
    public static int SampleRate { get; private set; }

    /// <summary>The loaded library.</summary>
    /// <exception cref="InvalidOperationException">It is not loaded.</exception>
    public static EspeakNative Native => s_native ?? throw new InvalidOperationException("espeak-ng is not loaded.");

    /// <summary>Loads the library and its data, where it is not.</summary>
    /// <param name="folders">Of the installed part, then those it needs.</param>
    /// <exception cref="DllNotFoundException">The library cannot be loaded.</exception>
    /// <exception cref="InvalidDataException">Its data is missing or damaged.</exception>
    public static void Load(IReadOnlyList<string> folders)
    {
        ArgumentNullException.ThrowIfNull(folders);
        lock (Lock)
        {
            if (s_native is null || !Directory.Exists(s_data))
                Renew(folders);
        }
    }

    /// <summary>
    /// Loads the library anew: its voice wavers by a phase that goes on from sentence to sentence, and that nothing but this sets
    /// back (wavegen.c, Flutter_ix). Takes about 3 ms.
    /// </summary>
    /// <inheritdoc cref="Load"/>
    public static void LoadAnew(IReadOnlyList<string> folders)
    {
        ArgumentNullException.ThrowIfNull(folders);
        lock (Lock)
        {
            Renew(folders);
        }
    }

    private static void Renew(IReadOnlyList<string> folders)
    {
        // Other voices read from the same data: it stays where it is as long as it is there.
        var data = Directory.Exists(s_data) ? s_data : DataFolder(folders) ?? throw new InvalidDataException("espeak-ng's data is missing. Fetch it again with 'models pull espeak-ng'.");
        s_native?.Unload();
        s_native = null;
        var native = new EspeakNative(NativeLibraries.LoadPassing("libespeak-ng.so.1", [.. folders]));
        var rate = native.Initialize(Path.GetDirectoryName(data)!);
        if (rate <= 0)
        {
            native.Unload();
            throw new InvalidDataException($"espeak-ng cannot use its data in {data}. Fetch it again with 'models pull espeak-ng'.");
        }

        (s_native, s_data, SampleRate) = (native, data, rate);
    }

    /// <summary>The folder espeak-ng-data among the installed ones; null where there is none.</summary>
    public static string? DataFolder(IReadOnlyList<string> folders) => folders.Where(Directory.Exists)
        .SelectMany(f => Directory.EnumerateDirectories(f, "espeak-ng-data", SearchOption.AllDirectories))
        .FirstOrDefault(d => File.Exists(Path.Combine(d, "phontab")));

    /// <summary>Chooses who speaks next.</summary>
    /// <param name="voice">A BCP 47 tag, or a name of its own such as "en-us" or "cmn".</param>
    /// <exception cref="ArgumentException">It has no such voice.</exception>
    public static void Choose(string voice)
    {
        var name = IsMandarin(voice) ? Mandarin : voice.Length == 0 ? "en" : voice.ToLowerInvariant();
        if (Native.SetVoice(name) == 0)
            return;
        // A tag of a country that it does not know is spoken as the language is.
        if (name.Split('-')[0] is var language && language != name && Native.SetVoice(language) == 0)
            return;
        throw new ArgumentException($"espeak-ng does not speak '{voice}'.", nameof(voice));
    }

    /// <summary>A tag or name that means Mandarin.</summary>
    public static bool IsMandarin(string voice) => voice.Split('-', '_')[0].ToLowerInvariant() is "zh" or "cmn";

    /// <summary>The clauses of a text as espeak-ng divides it: the phonemes in IPA, and the text that was looked at for them, which goes a character into the next clause.</summary>
    public static List<(string Phonemes, string Text)> Phonemes(string text)
    {
        var clauses = new List<(string, string)>();
        var bytes = Encoding.UTF8.GetBytes(text + '\0');
        fixed (byte* first = bytes)
        {
            var at = first;
            while (at is not null)
            {
                var from = at;
                var phonemes = Marshal.PtrToStringUTF8(Native.TextToPhonemes(&at)) ?? "";
                var end = at is null ? bytes.Length - 1 : (int)(at - first);
                clauses.Add((phonemes, Encoding.UTF8.GetString(bytes, (int)(from - first), Math.Max(0, end - (int)(from - first)))));
            }
        }

        return clauses;
    }
}
