using System.Text;
using System.Text.Json;

namespace VoiceConsole.Engine.Training.Datasets;

/// <summary>Writes a JSONL file under a passing name and gives it its own at the end: nobody ever sees half of it.</summary>
internal sealed class DatasetWriter : IAsyncDisposable
{
    private readonly string _file;
    private readonly string _unfinished;
    private readonly StreamWriter _writer;

    public DatasetWriter(string file)
    {
        (_file, _unfinished) = (file, file + ".part");
        _writer = new StreamWriter(_unfinished, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { NewLine = "\n" };
    }

    public int Count { get; private set; }

    public async Task WriteAsync(DatasetRecord record, CancellationToken cancellationToken)
    {
        await _writer.WriteLineAsync(JsonSerializer.Serialize(record, DatasetJson.Line).AsMemory(), cancellationToken);
        Count++;
    }

    /// <summary>Puts the file in its place.</summary>
    public async Task CompleteAsync()
    {
        await _writer.DisposeAsync();
        File.Move(_unfinished, _file, overwrite: true);
    }

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        File.Delete(_unfinished);
    }
}
