using Microsoft.Extensions.AI;
using VoiceConsole.Engine.Language;
using VoiceConsole.Engine.Language.Llama;
using VoiceConsole.Engine.Training.Datasets;

namespace VoiceConsole.Engine.Training.Finetune;

/// <summary>Conversations as the model reads them, special tokens included, to learn from and to measure with.</summary>
/// <param name="Name">The data set's.</param>
public sealed record TrainingData(string Name, IReadOnlyList<string> Learn, IReadOnlyList<string> Measure)
{
    // Of data that were not cleaned, and so not split, every twentieth conversation is kept to measure with.
    private const int MeasuredOneIn = 20;

    /// <summary>What a data set holds, written as the model's chat template has it.</summary>
    /// <param name="dataset">Cleaned or not.</param>
    /// <param name="ggufFile">The model that shall learn.</param>
    /// <param name="folders">Folders of the installed part "llama" and of what it needs.</param>
    /// <exception cref="InvalidDataException">The data or the model are damaged.</exception>
    public static async Task<TrainingData> ReadAsync(DatasetFolder dataset, string ggufFile, IReadOnlyList<string> folders, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        using var writer = new Writer(ggufFile, folders);
        if (File.Exists(dataset.Train))
            return new TrainingData(dataset.Name, await TextsAsync(dataset.Train), await TextsAsync(dataset.Validation));
        var all = await TextsAsync(dataset.Records);
        return new TrainingData(dataset.Name, [.. all.Where((_, i) => i % MeasuredOneIn != 0)], [.. all.Where((_, i) => i % MeasuredOneIn == 0)]);

        async Task<List<string>> TextsAsync(string file)
        {
            var texts = new List<string>();
            await foreach (var record in DatasetFile.ReadRecordsAsync(file, cancellationToken))
                texts.Add(writer.Write(record));
            return texts;
        }
    }

    /// <summary>The windows of both.</summary>
    internal (TokenWindows Learn, TokenWindows Measure) Cut(Func<string, int[]> tokenize, int windowTokens) =>
        (new TokenWindows(Learn.Select(tokenize), windowTokens), new TokenWindows(Measure.Select(tokenize), windowTokens));

    private sealed class Writer : IDisposable
    {
        private readonly LlamaModel _model;
        private readonly ChatTemplate? _template;

        public Writer(string ggufFile, IReadOnlyList<string> folders)
        {
            _model = new LlamaModel(ggufFile, folders);
            try
            {
                _template = _model.Template is { } template ? new ChatTemplate(template, _model.BeginText, _model.EndText, folders) : null;
            }
            catch
            {
                _model.Dispose();
                throw;
            }
        }

        public string Write(DatasetRecord record)
        {
            ChatMessage[] messages = [.. record.Messages.Select(m => new ChatMessage(new ChatRole(m.Role), _model.Disarm(m.Content)))];
            return _template?.Format(messages, asksForReply: false) ?? _model.BeginText + PlainPrompt.Lines(messages) + _model.EndText;
        }

        public void Dispose()
        {
            _template?.Dispose();
            _model.Dispose();
        }
    }
}
