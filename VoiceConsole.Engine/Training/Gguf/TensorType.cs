namespace VoiceConsole.Engine.Training.Gguf;

/// <summary>How the values of a tensor that is written here are stored, as numbered in the file.</summary>
internal enum TensorType : uint
{
    F32 = 0,
    F16 = 1,
    BF16 = 30,
}
