namespace VoiceConsole.Engine.Audio;

/// <summary>An audio device or file that cannot be used; the message says why and what to do about it.</summary>
public sealed class AudioDeviceException : Exception
{
    public AudioDeviceException(string message) : base(message) { }
    public AudioDeviceException(string message, Exception inner) : base(message, inner) { }
    public AudioDeviceException() { }
}
