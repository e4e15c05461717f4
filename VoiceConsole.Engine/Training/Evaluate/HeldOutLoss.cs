using VoiceConsole.Engine.Language.Llama;
using VoiceConsole.Engine.Training.Finetune;

namespace VoiceConsole.Engine.Training.Evaluate;

/// <summary>How well a model of any weight format foretells conversations it has not seen.</summary>
public static class HeldOutLoss
{
    /// <summary>Mean cross-entropy of a token of a reply in nats; e to this power is the perplexity.</summary>
    /// <param name="ggufFile">The model.</param>
    /// <param name="lessons">Conversations as the model reads them, see <see cref="TrainingData.Measure"/>.</param>
    /// <param name="threads">Processor threads.</param>
    /// <param name="folders">Folders of the installed part "llama".</param>
    /// <exception cref="InvalidDataException">The model cannot be used, or nothing is to be measured.</exception>
    public static double Measure(
        string ggufFile, IReadOnlyList<Lesson> lessons, int threads, IReadOnlyList<string> folders, CancellationToken cancellationToken = default)
    {
        var counted = lessons.Sum(l => l.IsLearnt.Skip(1).LongCount(isLearnt => isLearnt));
        if (counted == 0)
            throw new InvalidDataException("There are no replies to measure with. Collect more conversations.");
        using var model = new LlamaModel(ggufFile, folders);
        using var context = new LlamaContext(model, threads, lessons.Max(l => l.Tokens.Length));
        var nats = 0.0;
        foreach (var lesson in lessons)
        {
            cancellationToken.ThrowIfCancellationRequested();
            nats += context.Nats(lesson.Tokens.AsSpan(..Math.Min(lesson.Tokens.Length, context.Size)), lesson.IsLearnt);
        }

        return nats / counted;
    }
}
