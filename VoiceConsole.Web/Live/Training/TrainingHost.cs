using System.Globalization;
using System.Text.Json;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Training.Finetune;
using VoiceConsole.Web.Commands;

namespace VoiceConsole.Web.Live.Training;

/// <summary>Trains in a process of its own, one run at a time, and follows it. Never throws: what goes wrong is in <see cref="Job"/>. Thread-safe.</summary>
internal sealed class TrainingHost(ConsolePaths paths) : IAsyncDisposable
{
    /// <summary>Asked at each checkpoint.</summary>
    public static IReadOnlyList<string> Prompts { get; } = ["hello", "what can you do", "你好"];

    private readonly Lock _lock = new();
    private TrainingJob? _job;
    private TrainProcess? _process;
    private Task _running = Task.CompletedTask;
    private bool _stops;

    /// <summary>The newest run since the console started; null before the first.</summary>
    public TrainingJob? Job => Volatile.Read(ref _job);

    /// <summary>Begins a run, unless one is going on.</summary>
    public void Start(TrainingRequest request) => Begin(request.Name, () => request.Base is { } model
        ? [Finetune(request.Name, request.Dataset, model, new FineTuneOptions { Epochs = request.Epochs, Threads = 1 })]
        :
        [
            ["new", "--dataset", request.Dataset, "--out", NewModel(request.Name)],
            Finetune(request.Name, request.Dataset, Path.Combine(paths.Models, NewModel(request.Name)), new FineTuneOptions { Epochs = request.Epochs, Threads = 1 }),
        ]);

    /// <summary>Goes on with a run that was stopped.</summary>
    public void Resume(string name) => Begin(name, () =>
    {
        var state = TrainingRun.Of(paths, name).Read() ?? throw new InvalidDataException($"The run '{name}' has not begun.");
        return [Finetune(name, state.Dataset, state.Base, state.Options)];
    });

    /// <summary>Stops the run where it stands; it can go on later.</summary>
    public async Task StopAsync()
    {
        TrainProcess? process;
        lock (_lock)
        {
            _stops = true;
            process = _process;
            if (Job is { IsActive: true } job)
                Volatile.Write(ref _job, job with { Phase = TrainingPhase.Stopping });
        }

        if (process is not null)
            await process.StopAsync();
        await _running;
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private static string NewModel(string run) => $"{run}-new.gguf";

    private static string[] Finetune(string name, string dataset, string model, FineTuneOptions options)
    {
        return
        [
            "finetune", "--base", model, "--dataset", dataset, "--name", name, "--epochs", Text(options.Epochs), "--rate", Text(options.Rate), "--decay", Text(options.WeightDecay),
            "--window", Text(options.WindowTokens), "--batch", Text(options.StepWindows), "--checkpoint", Text(options.CheckpointSteps), "--patience", Text(options.Patience),
            "--seed", Text(options.Seed), "--threads", Text(options.Threads), "--follow", "--sample", .. Prompts,
        ];

        static string Text<T>(T value)
            where T : IFormattable => value.ToString(null, CultureInfo.InvariantCulture);
    }

    private void Begin(string name, Func<IReadOnlyList<string[]>> commands)
    {
        lock (_lock)
        {
            if (Job is { IsActive: true })
                return;
            _stops = false;
            Volatile.Write(ref _job, new TrainingJob(name, TrainingPhase.Preparing, null, [], null));
            _running = Task.Run(() => RunAsync(commands));
        }
    }

    private async Task RunAsync(Func<IReadOnlyList<string[]>> commands)
    {
        try
        {
            foreach (var arguments in commands())
            {
                if (await RunOneAsync(arguments) is { } end)
                {
                    Change(job => job with { Phase = end });
                    return;
                }
            }

            Change(job => job with { Phase = TrainingPhase.Done });
        }
        catch (Exception error)
        {
            Change(job => job with { Phase = TrainingPhase.Failed, Problem = new LiveProblem(error.Message, "Correct it and start again; what was learnt until the last checkpoint is kept.") });
        }
    }

    // How it ended; null if the next command may follow.
    private async Task<TrainingPhase?> RunOneAsync(string[] arguments)
    {
        using var process = new TrainProcess(paths, arguments);
        lock (_lock)
            _process = process;
        if (_stops)
            await process.StopAsync();
        var (code, complaint) = await process.RunAsync(Follow);
        lock (_lock)
            _process = null;
        if (code == ExitCode.Cancelled || _stops)
            return TrainingPhase.Stopped;
        return code == ExitCode.Ok ? null : throw new InvalidOperationException(complaint.Length > 0 ? complaint : $"The training ended with the code {code}.");
    }

    private void Follow(string line)
    {
        if (!line.StartsWith('{'))
            return;
        try
        {
            if (JsonSerializer.Deserialize<FineTuneProgress>(line) is { } report)
                Change(job => job.With(report));
        }
        catch (JsonException)
        {
            // A line of another kind.
        }
    }

    private void Change(Func<TrainingJob, TrainingJob> change)
    {
        lock (_lock)
            Volatile.Write(ref _job, change(Job!));
    }
}
