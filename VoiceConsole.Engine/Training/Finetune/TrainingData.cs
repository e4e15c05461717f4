using VoiceConsole.Engine.Training.Datasets;

namespace VoiceConsole.Engine.Training.Finetune;

/// <summary>Conversations as a model reads them, to learn from and to measure with.</summary>
/// <param name="Name">The data set's.</param>
public sealed record TrainingData(string Name, IReadOnlyList<Lesson> Learn, IReadOnlyList<Lesson> Measure)
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
        using var writer = new LessonWriter(ggufFile, folders);
        if (File.Exists(dataset.Train))
            return new TrainingData(dataset.Name, await LessonsAsync(dataset.Train), await LessonsAsync(dataset.Validation));
        var all = await LessonsAsync(dataset.Records);
        return new TrainingData(dataset.Name, [.. all.Where((_, i) => i % MeasuredOneIn != 0)], [.. all.Where((_, i) => i % MeasuredOneIn == 0)]);

        async Task<List<Lesson>> LessonsAsync(string file)
        {
            var lessons = new List<Lesson>();
            await foreach (var record in DatasetFile.ReadRecordsAsync(file, cancellationToken))
                lessons.AddRange(writer.WriteAll(record));
            return lessons;
        }
    }
}
