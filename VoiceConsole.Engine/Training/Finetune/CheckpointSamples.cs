using Microsoft.Extensions.AI;
using VoiceConsole.Engine.Language.Llama;

namespace VoiceConsole.Engine.Training.Finetune;

/// <summary>What the model said at a checkpoint.</summary>
public sealed record TrainingSample(long Step, string Prompt, string Reply);

/// <summary>Asks the model the same at each checkpoint, so that people can hear it learn.</summary>
internal sealed class CheckpointSamples(TrainingRun run, IReadOnlyList<string> folders, IReadOnlyList<string> prompts)
{
    private const int MaxTokens = 60, ContextTokens = 512;

    /// <summary>Adds the replies of a checkpoint to the run's samples. Blocks.</summary>
    public void Write(long step)
    {
        if (prompts.Count == 0)
            return;
        using var model = new LlamaChatClient(run.Checkpoint(step), folders, 1, ContextTokens, TaskScheduler.Default);
        foreach (var prompt in prompts)
        {
            var reply = model.GetResponseAsync([new ChatMessage(ChatRole.User, prompt)], new ChatOptions { Temperature = 0, MaxOutputTokens = MaxTokens }).GetAwaiter().GetResult();
            run.Append(new TrainingSample(step, prompt, reply.Text));
        }
    }
}
