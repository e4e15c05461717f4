namespace VoiceConsole.Engine.Models;

/// <summary>A model or native part that cannot be used now. The message says why; <see cref="Remedy"/> says what to do.</summary>
public sealed class ModelUnavailableException : Exception
{
    public ModelUnavailableException(string message, string remedy, Exception? inner = null) : base(message, inner) => Remedy = remedy;
    public ModelUnavailableException(string message) : this(message, "") { }
    public ModelUnavailableException(string message, Exception inner) : this(message, "", inner) { }
    public ModelUnavailableException() : this("") { }

    public string Remedy { get; }
}
