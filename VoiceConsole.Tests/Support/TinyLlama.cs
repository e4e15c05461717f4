using VoiceConsole.Engine.Training.Gguf;

namespace VoiceConsole.Tests.Support;

/// <summary>A real language model of 260,000 weights that tells children's stories.</summary>
internal static class TinyLlama
{
    /// <summary>Writes it as GGUF into the folder and returns its path; skips the test where its data are absent.</summary>
    public static string Require(TempFolder folder)
    {
        var file = folder / "stories260K.gguf";
        Llama2cConverter.Convert(TestData.Require("models/stories260K.bin"), TestData.Require("models/tok512.bin"), file);
        return file;
    }
}
