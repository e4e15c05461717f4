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

/// <summary>A run's folder, data/training/NAME: run.json, the newest checkpoint (the model, and the optimiser's momenta), best.gguf, and log.jsonl and samples.jsonl with lines for each checkpoint.</summary>
public sealed class TrainingRun
{
    private const string Parent = "training";

    private static readonly JsonSerializerOptions s_page = new() { WriteIndented = true };

    private TrainingRun(string name, string folder) => (Name, Folder) = (name, folder);

    public string Name { get; }

    public string Folder { get; }

    /// <summary>The model with the lowest validation loss so far.</summary>
    public string Best => Path.Combine(Folder, "best.gguf");

    /// <summary>One <see cref="FineTuneProgress"/> a line.</summary>
    public string Log => Path.Combine(Folder, "log.jsonl");

    /// <summary>One <see cref="TrainingSample"/> a line.</summary>
    public string Samples => Path.Combine(Folder, "samples.jsonl");

    private string StateFile => Path.Combine(Folder, "run.json");

    /// <summary>Names of all runs that have begun, sorted.</summary>
    public static IReadOnlyList<string> List(ConsolePaths paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        var parent = Path.Combine(paths.Data, Parent);
        return Directory.Exists(parent) ? [.. Directory.GetDirectories(parent).Where(f => IsName(Path.GetFileName(f)) && File.Exists(Path.Combine(f, "run.json"))).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)] : [];
    }

    /// <summary>Whether a run can have this name.</summary>
    public static bool IsName(string? name) => name is { Length: > 0 and <= 64 } && name[0] != '.' && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    /// <param name="name">Letters, digits, '-', '_' and '.'; 1 to 64.</param>
    /// <exception cref="ArgumentException">Another name.</exception>
    public static TrainingRun Of(ConsolePaths paths, string name)
    {
        ArgumentNullException.ThrowIfNull(paths);
        if (!IsName(name))
            throw new ArgumentException($"'{name}' cannot be a run's name: letters, digits, '-', '_' and '.' are allowed, up to 64.");
        return new TrainingRun(name, ConsolePaths.Inside(paths.Data, Path.Combine(Parent, name)));
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

    /// <summary>What was reported at each checkpoint, oldest first.</summary>
    public IReadOnlyList<FineTuneProgress> ReadLog() => ReadLines<FineTuneProgress>(Log);

    /// <summary>What was said at each checkpoint, oldest first.</summary>
    public IReadOnlyList<TrainingSample> ReadSamples() => ReadLines<TrainingSample>(Samples);

    internal void Append(FineTuneProgress progress) => File.AppendAllText(Log, JsonSerializer.Serialize(progress) + "\n");

    internal void Append(TrainingSample sample) => File.AppendAllText(Samples, JsonSerializer.Serialize(sample) + "\n");

    // A line that is being written, or was when the machine went down, is left out.
    private static List<T> ReadLines<T>(string file)
    {
        var items = new List<T>();
        foreach (var line in File.Exists(file) ? File.ReadLines(file) : [])
        {
            try
            {
                if (JsonSerializer.Deserialize<T>(line) is { } item)
                    items.Add(item);
            }
            catch (JsonException)
            {
                continue;
            }
        }

        return items;
    }
}
