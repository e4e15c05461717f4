using System.Runtime.CompilerServices;
using System.Text;

namespace VoiceConsole.Engine.Training.Datasets;

/// <summary>Puts conversations from anywhere into one data set, each with its provenance and licence.</summary>
public sealed class DatasetCollector(DatasetFolder folder)
{
    /// <summary>Lines that are described; of more only the number is told.</summary>
    public const int MaxProblems = 1000;

    private readonly List<string> _problems = [];
    private readonly Dictionary<(string Source, string Licence), (int Records, int Skipped)> _sources = [];
    private long _bytes;

    /// <summary>One sentence for each line that was no record.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Writes records.jsonl and the card. Records get new ids; nothing changes when it fails.</summary>
    /// <param name="sources">What to read, with the name that problems are told under.</param>
    /// <param name="add">Keep what the data set has; else there must be none of this name.</param>
    /// <exception cref="IOException">There is a data set of this name already.</exception>
    /// <exception cref="InvalidDataException">There is no record in any of the sources.</exception>
    public async Task<DatasetCard> CollectAsync(
        IReadOnlyList<(string Name, IAsyncEnumerable<DatasetLine> Lines)> sources, bool add, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sources);
        if (folder.Exists && !add)
            throw new IOException($"There is a data set '{folder.Name}' already. Give --add to put more into it, or another --name.");
        folder.Create();
        var before = add && folder.Exists ? [("", DatasetFile.ReadAsync(folder.Records, cancellationToken))] : Array.Empty<(string, IAsyncEnumerable<DatasetLine>)>();
        var found = 0;
        var count = await DatasetFile.WriteAsync(folder.Records, NumberedAsync(cancellationToken), cancellationToken);
        var card = new DatasetCard(
            DatasetCard.CurrentVersion, folder.Name, count, _bytes, [.. _sources.Select(s => new DatasetSource(s.Key.Source, s.Key.Licence, s.Value.Records, s.Value.Skipped))]);
        await folder.WriteCardAsync(card, cancellationToken);
        return card;

        async IAsyncEnumerable<DatasetRecord> NumberedAsync([EnumeratorCancellation] CancellationToken token = default)
        {
            var number = 0;
            foreach (var (name, lines) in before.Concat(sources))
            {
                var skipped = 0;
                var licence = "";
                await foreach (var line in lines.WithCancellation(token))
                {
                    if (line.Record is not { } record)
                    {
                        Note(name, line);
                        skipped++;
                        continue;
                    }

                    licence = record.Licence;
                    found += name.Length > 0 ? 1 : 0;
                    Count(record.Source, licence, 1, 0);
                    _bytes += record.Messages.Sum(m => (long)Encoding.UTF8.GetByteCount(m.Content));
                    yield return record with { Id = $"{folder.Name}-{++number:000000}" };
                }

                if (skipped > 0)
                    Count(name, licence, 0, skipped);
            }

            if (found == 0)
                throw new InvalidDataException($"There is no conversation in {string.Join(", ", sources.Select(s => s.Name))}." + (_problems.Count > 0 ? $" {_problems[0]}" : ""));
        }
    }

    private void Count(string source, string licence, int records, int skipped)
    {
        var now = _sources.GetValueOrDefault((source, licence));
        _sources[(source, licence)] = (now.Records + records, now.Skipped + skipped);
    }

    private void Note(string name, DatasetLine line)
    {
        if (_problems.Count < MaxProblems)
            _problems.Add($"{(name.Length > 0 ? name : folder.Records)}, line {line.Number} {line.Problem}");
    }
}
