namespace VoiceConsole.Engine.Training.Datasets;

/// <summary>What a line (or an item) of a file turned out to be: a record, or why it is none.</summary>
/// <param name="Number">From 1; for records of several lines that of the first.</param>
/// <param name="Problem">One sentence, null when there is a record.</param>
public readonly record struct DatasetLine(long Number, DatasetRecord? Record, string? Problem);
