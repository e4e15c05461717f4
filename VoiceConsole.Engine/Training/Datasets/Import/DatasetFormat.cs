namespace VoiceConsole.Engine.Training.Datasets.Import;

/// <summary>Kinds of files that conversations are collected from.</summary>
public enum DatasetFormat
{
    /// <summary>The file's name and its first item tell.</summary>
    Auto,

    /// <summary>The project's own JSONL.</summary>
    Records,

    /// <summary>{"messages": [{"role": …, "content": …}]}, JSONL or a JSON array.</summary>
    Messages,

    /// <summary>{"conversations": [{"from": "human", "value": …}]}, JSONL or a JSON array.</summary>
    ShareGpt,

    /// <summary>{"instruction": …, "input": …, "output": …}, JSONL or a JSON array.</summary>
    Alpaca,

    /// <summary>A table with a heading: one column of the user's, one of the assistant's.</summary>
    Csv,

    /// <summary>Lines "User: …" and "Assistant: …"; a blank line ends a conversation.</summary>
    Dialogue,
}
