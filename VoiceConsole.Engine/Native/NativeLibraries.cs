using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.InteropServices;

namespace VoiceConsole.Engine.Native;

/// <summary>
/// The one resolver of native code: engines import a library by its plain name ("flite"), and the store's folder that holds
/// it is named here before the first call.
/// </summary>
/// <remarks>
/// Unpacked packages do not lie where the loader looks, so a library's own dependencies are loaded first, by the name the
/// loader misses, from the folders given. Only files inside those folders or the system's own are ever loaded.
/// </remarks>
public static partial class NativeLibraries
{
    private const int Now = 2;
    private static readonly ConcurrentDictionary<string, nint> s_loaded = new(StringComparer.Ordinal);
    private static readonly Lock s_lock = new();

    static NativeLibraries()
    {
        NativeLibrary.SetDllImportResolver(typeof(NativeLibraries).Assembly, Resolve);
        // Binding dlerror itself asks the loader and would wipe the first message.
        if (!OperatingSystem.IsWindows())
            DlError();
    }

    public static bool IsLoaded(string library) => s_loaded.ContainsKey(library);

    /// <summary>Loads a library once, under the name its imports use. Later calls with the same name do nothing.</summary>
    /// <param name="library">The name in LibraryImport.</param>
    /// <param name="file">Its file name, for example "libflite.so.1", looked for in <paramref name="folders"/> and below them.</param>
    /// <param name="folders">Folders of installed parts, its own first, then those of its dependencies.</param>
    /// <exception cref="DllNotFoundException">The file or one it needs is not there or cannot be loaded; the message is the loader's.</exception>
    /// <returns>The loaded library.</returns>
    public static nint Load(string library, string file, params ReadOnlySpan<string> folders)
    {
        lock (s_lock)
        {
            if (s_loaded.TryGetValue(library, out var loaded))
                return loaded;
            return s_loaded[library] = Load(file, folders);
        }
    }

    /// <summary>
    /// Loads a library that its user calls by address and takes out again with <see cref="NativeLibrary.Free"/>; loaded anew after
    /// that, it has forgotten everything. What it depends on stays.
    /// </summary>
    /// <inheritdoc cref="Load(string, string, ReadOnlySpan{string})"/>
    public static nint LoadPassing(string file, params ReadOnlySpan<string> folders)
    {
        lock (s_lock)
            return Load(file, folders);
    }

    private static nint Load(string file, ReadOnlySpan<string> folders)
    {
        var path = Find(file, folders)
            ?? throw new DllNotFoundException($"{file} is not among the installed parts ({string.Join(", ", folders!)}). Fetch it with 'models pull'.");
        return OperatingSystem.IsWindows() ? NativeLibrary.Load(path) : Open(path, folders);
    }

    private static string? Find(string file, ReadOnlySpan<string> folders)
    {
        foreach (var folder in folders)
        {
            if (Directory.Exists(folder) && Directory.EnumerateFiles(folder, file, SearchOption.AllDirectories).FirstOrDefault() is { } path)
                return path;
        }

        return null;
    }

    private static nint Open(string path, ReadOnlySpan<string> folders)
    {
        // Each round loads one missing dependency; a library has at most a few dozen.
        for (var round = 0; round < 64; round++)
        {
            var handle = DlOpen(path, Now);
            if (handle != 0)
                return handle;
            var message = Marshal.PtrToStringUTF8(DlError()) ?? "unknown error";
            var missing = MissingLibrary(message);
            if (missing is null || missing == Path.GetFileName(path) || Find(missing, folders) is not { } dependency)
                throw new DllNotFoundException($"{path}: {message}");
            Open(dependency, folders);
        }

        throw new DllNotFoundException($"{path}: its dependencies do not end.");
    }

    // glibc: "libsphinxbase.so.3: cannot open shared object file: No such file or directory"
    private static string? MissingLibrary(string message)
    {
        var end = message.IndexOf(": cannot open shared object file", StringComparison.Ordinal);
        return end < 0 ? null : message[..end];
    }

    private static nint Resolve(string library, Assembly assembly, DllImportSearchPath? searchPath) => s_loaded.GetValueOrDefault(library);

    [LibraryImport("libc", EntryPoint = "dlopen", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint DlOpen(string path, int flags);

    [LibraryImport("libc", EntryPoint = "dlerror")]
    private static partial nint DlError();
}
