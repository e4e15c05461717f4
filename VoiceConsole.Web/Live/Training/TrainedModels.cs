using Microsoft.Extensions.AI;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Models;
using VoiceConsole.Engine.Training.Datasets;
using VoiceConsole.Engine.Training.Finetune;
using VoiceConsole.Web.Commands;

namespace VoiceConsole.Web.Live.Training;

/// <summary>What a model said, or why it said nothing.</summary>
/// <param name="Name">The model's.</param>
internal sealed record TrialAnswer(string Name, string Reply, string? Problem);

/// <summary>What was learnt, tried out beside the model that serves, and put in its place. Never throws but for cancellation.</summary>
internal sealed class TrainedModels(ConsolePaths paths, ModelStore store, ConversationHost host)
{
    private const int MaxTokens = 120;

    /// <summary>Asks both the same: the run's best model, and the one that serves the next conversation.</summary>
    public async Task<IReadOnlyList<TrialAnswer>> AskAsync(string run, string prompt, CancellationToken cancellationToken) =>
    [
        await AnswerAsync(run, TrainingRun.Of(paths, run).Best, prompt, cancellationToken),
        await AnswerAsync("The current model", host.Request.LanguageModel, prompt, cancellationToken),
    ];

    /// <summary>Stores the run's best model in models/, with weights of 8 bits, and has it serve from the next turn on.</summary>
    /// <returns>Why that failed; null when it did not.</returns>
    public async Task<LiveProblem?> UseAsync(string run, CancellationToken cancellationToken)
    {
        try
        {
            var (best, dataset) = (TrainingRun.Of(paths, run).Best, TrainingRun.Of(paths, run).Read()?.Dataset);
            string[] known = dataset is not null && DatasetFolder.Of(paths, dataset).Exists ? ["--dataset", dataset] : [];
            using var process = new TrainProcess(paths, ["export", best, "--out", run, "--formats", "q8_0", "--json", .. known]);
            await using var stop = cancellationToken.UnsafeRegister(static process => _ = ((TrainProcess)process!).StopAsync(), process);
            var (code, complaint) = await process.RunAsync(_ => { });
            cancellationToken.ThrowIfCancellationRequested();
            if (code != ExitCode.Ok)
                return new LiveProblem(complaint.Length > 0 ? complaint : $"The export ended with the code {code}.", "The model that served before serves on.");
            await host.ChooseAsync(EngineKind.LanguageModel, Path.Combine(paths.Models, $"{run}-q8_0.gguf"), freeFirst: false);
            return host.Choices.GetValueOrDefault(EngineKind.LanguageModel)?.Problem;
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            return new LiveProblem(error.Message, "The model that served before serves on.");
        }
    }

    private async Task<TrialAnswer> AnswerAsync(string name, string? model, string prompt, CancellationToken cancellationToken)
    {
        try
        {
            var (client, _) = await new EngineLoader(store, TaskScheduler.Default).ModelAsync(model, cancellationToken);
            using var owned = client;
            var reply = await client.GetResponseAsync([new ChatMessage(ChatRole.User, prompt)], new ChatOptions { Temperature = 0, MaxOutputTokens = MaxTokens }, cancellationToken);
            return new TrialAnswer(name, reply.Text, null);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            return new TrialAnswer(name, "", error.Message);
        }
    }
}
