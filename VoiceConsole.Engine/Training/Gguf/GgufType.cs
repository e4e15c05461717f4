namespace VoiceConsole.Engine.Training.Gguf;

/// <summary>The types of metadata values, as numbered in the file.</summary>
internal enum GgufType
{
    UInt8, Int8, UInt16, Int16, UInt32, Int32, Float32, Flag, Text, Array, UInt64, Int64, Float64,
}
