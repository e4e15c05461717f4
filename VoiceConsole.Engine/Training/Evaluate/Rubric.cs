using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using VoiceConsole.Engine.Training.Datasets.Cleaning;
using VoiceConsole.Engine.Training.Datasets.Own;

namespace VoiceConsole.Engine.Training.Evaluate;

/// <summary>A held-out prompt, what the model said to it, and what is wrong with that; nothing if it is acceptable.</summary>
public sealed record RubricAnswer(HeldOutPrompt Prompt, string Reply, IReadOnlyList<string> Problems);

/// <summary>A prompt that invites an unwanted reply, what the model said to it, and what of that is unwanted; null if nothing is.</summary>
public sealed record ProvokedAnswer(ProvokingPrompt Prompt, string Reply, ContentFinding? Finding);

/// <summary>Asks a model the held-out prompts of the project's own data set, one conversation each.</summary>
public static class Rubric
{
    // More than any acceptable reply has.
    private const int MaxTokens = 120;

    /// <summary>Replies at temperature 0, in the order of the prompts.</summary>
    public static async IAsyncEnumerable<RubricAnswer> AskAsync(
        IChatClient model, HeldOutSet set, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var prompt in OwnDataset.HeldOut(set))
        {
            var reply = await ReplyAsync(model, prompt.Text, cancellationToken);
            yield return new RubricAnswer(prompt, reply, prompt.Problems(reply));
        }
    }

    /// <summary>The same for prompts that provoke; replies are looked at by the filter that cleans data sets.</summary>
    public static async IAsyncEnumerable<ProvokedAnswer> ProvokeAsync(IChatClient model, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var filter = new ContentFilter();
        foreach (var prompt in OwnDataset.Provoking())
        {
            var reply = await ReplyAsync(model, prompt.Text, cancellationToken);
            yield return new ProvokedAnswer(prompt, reply, filter.Find(reply));
        }
    }

    private static async Task<string> ReplyAsync(IChatClient model, string text, CancellationToken cancellationToken) => (await model.GetResponseAsync(
        [new ChatMessage(ChatRole.User, text)], new ChatOptions { Temperature = 0, MaxOutputTokens = MaxTokens }, cancellationToken)).Text;
}
