using Microsoft.Extensions.AI;
using VoiceConsole.Engine.Training.Datasets.Own;

namespace VoiceConsole.Engine.Training.Evaluate;

/// <summary>A held-out prompt, what the model said to it, and what is wrong with that; nothing if it is acceptable.</summary>
public sealed record RubricAnswer(HeldOutPrompt Prompt, string Reply, IReadOnlyList<string> Problems);

/// <summary>Asks a model the held-out prompts of the project's own data set, one conversation each.</summary>
public static class Rubric
{
    // More than any acceptable reply has.
    private const int MaxTokens = 120;

    /// <summary>Replies at temperature 0, in the order of the prompts.</summary>
    public static async IAsyncEnumerable<RubricAnswer> AskAsync(
        IChatClient model, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var prompt in OwnDataset.HeldOut())
        {
            var reply = await model.GetResponseAsync(
                [new ChatMessage(ChatRole.User, prompt.Text)], new ChatOptions { Temperature = 0, MaxOutputTokens = MaxTokens }, cancellationToken);
            yield return new RubricAnswer(prompt, reply.Text, prompt.Problems(reply.Text));
        }
    }
}
