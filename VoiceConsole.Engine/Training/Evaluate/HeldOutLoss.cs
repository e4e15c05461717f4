using VoiceConsole.Engine.Language.Llama;
using VoiceConsole.Engine.Training.Finetune;

namespace VoiceConsole.Engine.Training.Evaluate;

/// <summary>How well a model of any weight format foretells conversations it has not seen.</summary>
public static class HeldOutLoss
{
    /// <summary>Mean cross-entropy of a token in nats; e to this power is the perplexity.</summary>
    /// <param name="ggufFile">The model.</param>
    /// <param name="texts">Conversations as the model reads them, see <see cref="TrainingData.Measure"/>.</param>
    /// <param name="windowTokens">Tokens the model sees at once.</param>
    /// <param name="threads">Processor threads.</param>
    /// <param name="folders">Folders of the installed part "llama".</param>
    /// <exception cref="InvalidDataException">The model cannot be used, or the texts do not fill one window.</exception>
    public static double Measure(
        string ggufFile, IReadOnlyList<string> texts, int windowTokens, int threads, IReadOnlyList<string> folders, CancellationToken cancellationToken = default)
    {
        using var model = new LlamaModel(ggufFile, folders);
        using var context = new LlamaContext(model, threads, windowTokens);
        var windows = new TokenWindows(texts.Select(t => model.Tokenize(t, addSpecial: false, parseSpecial: true)), windowTokens);
        if (windows.Count == 0)
            throw new InvalidDataException($"The texts to measure with do not fill one window of {windowTokens} tokens. Take more of them or shorter windows.");
        var sum = 0.0;
        for (var window = 0; window < windows.Count; window++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            sum += context.Loss(windows.Tokens(window), windows.Labels(window));
        }

        return sum / windows.Count;
    }
}
