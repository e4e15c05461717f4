using System.Text.Json;

namespace VoiceConsole.Engine.Training.Finetune;

/// <summary>What a run must know to go on where it stood.</summary>
/// <param name="Base">The model it began with.</param>
/// <param name="Dataset">The name of what it learns from.</param>
/// <param name="Fingerprint">Of the data in tokens: a run goes on with the same only.</param>
/// <param name="Step">Steps taken at the checkpoint; 0 before the first.</param>
/// <param name="BestLoss">Lowest validation loss, and where it was.</param>
/// <param name="Stale">Checkpoints since.</param>
/// <param name="IsDone">Nothing is left to learn.</param>
public sealed record TrainingState(
    string Base, string Dataset, string Fingerprint, FineTuneOptions Options, long Step, double? BestLoss, long BestStep, int Stale, bool IsDone);

/// <summary>A run's folder, data/training/NAME: run.json, the newest checkpoint (the model, and the optimiser's momenta), best.gguf, and log.jsonl with a line for each checkpoint.</summary>
public sealed class TrainingRun
{
    private static readonly JsonSerializerOptions s_page = new() { WriteIndented = true };

    private TrainingRun(string name, string folder) => (Name, Folder) = (name, folder);

    public string Name { get; }

    public string Folder { get; }

    /// <summary>The model with the lowest validation loss so far.</summary>
    public string Best => Path.Combine(Folder, "best.gguf");

    /// <summary>One <see cref="FineTuneProgress"/> a line.</summary>
    public string Log => Path.Combine(Folder, "log.jsonl");

    private string StateFile => Path.Combine(Folder, "run.json");

    /// <param name="name">Letters, digits, '-', '_' and '.'; 1 to 64.</param>
    /// <exception cref="ArgumentException">Another name.</exception>
    public static TrainingRun Of(ConsolePaths paths, string name)
    {
        ArgumentNullException.ThrowIfNull(paths);
        if (name is not { Length: > 0 and <= 64 } || name[0] == '.' || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            throw new ArgumentException($"'{name}' cannot be a run's name: letters, digits, '-', '_' and '.' are allowed, up to 64.");
        return new TrainingRun(name, ConsolePaths.Inside(paths.Data, Path.Combine("training", name)));
    }

    /// <summary>Where it stood; null for a run that has not begun.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public TrainingState? Read()
    {
        if (!File.Exists(StateFile))
            return null;
        try
        {
            return JsonSerializer.Deserialize<TrainingState>(File.ReadAllText(StateFile));
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{StateFile} is damaged. Delete the folder to begin the run anew.", error);
        }
    }

    /// <summary>The model as it was after so many steps.</summary>
    internal string Checkpoint(long step) => Path.Combine(Folder, FormattableString.Invariant($"checkpoint-{step}.gguf"));

    /// <summary>The optimiser's momenta at that time.</summary>
    internal string Momenta(long step) => Path.ChangeExtension(Checkpoint(step), ".momenta");

    /// <summary>The state appears whole or not at all.</summary>
    internal void Write(TrainingState state)
    {
        Directory.CreateDirectory(Folder);
        File.WriteAllText(StateFile + ".partial", JsonSerializer.Serialize(state, s_page) + "\n");
        File.Move(StateFile + ".partial", StateFile, overwrite: true);
    }

    internal void Append(FineTuneProgress progress) => File.AppendAllText(Log, JsonSerializer.Serialize(progress) + "\n");
}
