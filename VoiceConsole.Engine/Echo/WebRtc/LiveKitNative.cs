using System.Runtime.InteropServices;

namespace VoiceConsole.Engine.Echo.WebRtc;

/// <summary>The three functions through which livekit_ffi takes protobuf messages.</summary>
internal static unsafe partial class LiveKitNative
{
    public const string Library = "livekit_ffi";
    public const string File = "rtc-node.linux-x64-gnu.node";

    /// <param name="callback">Called on the library's threads with the bytes and length of an event.</param>
    /// <param name="captureLogs">1 to have log lines sent as events.</param>
    /// <param name="sdk">Name, UTF-8, zero-terminated.</param>
    /// <param name="version">Version, UTF-8, zero-terminated.</param>
    [LibraryImport(Library, EntryPoint = "livekit_ffi_initialize")]
    public static partial void Initialize(delegate* unmanaged[Cdecl]<byte*, nuint, void> callback, byte captureLogs, byte* sdk, byte* version);

    /// <summary>Returns a handle that keeps the response alive, 0 if the request was not understood.</summary>
    [LibraryImport(Library, EntryPoint = "livekit_ffi_request")]
    public static partial ulong Request(byte* request, nuint length, byte** response, nuint* responseLength);

    [LibraryImport(Library, EntryPoint = "livekit_ffi_drop_handle")]
    public static partial byte DropHandle(ulong handle);
}
