namespace VoiceConsole.Engine.Speech;

/// <summary>A recogniser without the console around it: its library's calls in a row on the caller's thread, with the same threads and settings. For benchmarks; nobody else uses it meanwhile.</summary>
internal interface IBareRecognizer
{
    /// <param name="samples">16 kHz mono, not silent.</param>
    string Hear(float[] samples);
}

/// <summary>The same of a voice.</summary>
internal interface IBareVoice
{
    /// <summary>Makes the sound of a whole sentence at once.</summary>
    /// <returns>Its samples per second, and how many there are.</returns>
    (int Rate, int Count) Speak(string text, string language);
}
