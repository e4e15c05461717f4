using VoiceConsole.Engine.Training.Datasets;

namespace VoiceConsole.Engine.Training.Base;

/// <summary>A model from nothing: a vocabulary learnt from a data set, and random weights.</summary>
public static class NewModel
{
    /// <param name="dataset">What it shall speak like, and whose licences it takes over.</param>
    /// <param name="file">Its name becomes the model's. Written or overwritten, in F32; appears whole or not at all.</param>
    /// <param name="vocabulary">Tokens.</param>
    /// <param name="plans">It shall learn to plan its replies by the records' tags, each of which becomes a token.</param>
    /// <returns>Tokens of the vocabulary and weights in all.</returns>
    /// <exception cref="ArgumentException">A size makes no sense.</exception>
    /// <exception cref="InvalidDataException">The data set is damaged.</exception>
    public static async Task<(int Vocabulary, long Weights)> WriteAsync(
        DatasetFolder dataset, string file, LlamaShape shape, int vocabulary, int seed, bool plans = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(shape);
        var texts = new List<string>();
        var tags = new SortedSet<string>(StringComparer.Ordinal);
        await foreach (var record in DatasetFile.ReadRecordsAsync(File.Exists(dataset.Train) ? dataset.Train : dataset.Records, cancellationToken))
        {
            texts.AddRange(record.Messages.Select(m => m.Content));
            tags.UnionWith(plans ? record.Tags : []);
        }

        var tokens = BytePairTrainer.Train(texts, vocabulary, tags: [.. tags]);
        var licences = (await dataset.ReadCardAsync(cancellationToken)).Sources.Select(s => s.Licence).Distinct();
        RandomLlama.Write(file, Path.GetFileNameWithoutExtension(file), string.Join(" AND ", licences), shape, tokens, seed);
        return (tokens.Tokens.Count, shape.Weights(tokens.Tokens.Count, RandomLlama.IsTied));
    }
}
