using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace VoiceConsole.Engine.Training.Datasets.Cleaning;

/// <summary>
/// Makes train.jsonl and validation.jsonl out of records.jsonl: spelling in one form, then whatever is broken, too long, in another
/// language, personal, unwanted or said before goes, each with its reason in a report.
/// </summary>
public sealed class DatasetCleaner
{
    private readonly CleaningOptions _options;
    private readonly CleaningThresholds _thresholds;
    private readonly LanguageDetector _languages;
    private readonly PersonalData _personal;
    private readonly ContentFilter _content;

    /// <exception cref="InvalidDataException">A list cannot be read.</exception>
    public DatasetCleaner(CleaningOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Lists is not null && !Directory.Exists(options.Lists))
            throw new DirectoryNotFoundException($"There is no folder of lists {options.Lists}.");
        _options = options;
        _thresholds = CleaningThresholds.Read(options.Lists);
        _languages = new LanguageDetector(options.Lists);
        _personal = new PersonalData(options.Lists);
        _content = new ContentFilter(options.Lists);
    }

    /// <summary>Cleans the data set; its reports are written even when nothing is left.</summary>
    /// <exception cref="InvalidDataException">Nothing is left to learn from; the message names the commonest reasons.</exception>
    public async Task<CleaningReport> CleanAsync(DatasetFolder folder, IProgress<string>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var (seen, near) = (new Dictionary<string, string>(), new NearDuplicates(_thresholds.NearDuplicate));
        var removals = new List<Removal>();
        var kept = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var (read, normalized) = (0, 0);
        await using var train = new DatasetWriter(folder.Train);
        await using var validation = new DatasetWriter(folder.Validation);
        await foreach (var line in DatasetFile.ReadAsync(folder.Records, cancellationToken))
        {
            if (++read % 10_000 == 0)
                progress?.Report($"{read:N0} records read, {removals.Count:N0} removed");
            if (Examine(line, seen, near, out var clean) is { } removal)
            {
                removals.Add(removal);
                continue;
            }

            normalized += clean!.Messages.SequenceEqual(line.Record!.Messages) ? 0 : 1;
            kept[clean.Language] = kept.GetValueOrDefault(clean.Language) + 1;
            await (IsForValidation(clean) ? validation : train).WriteAsync(clean, cancellationToken);
        }

        var report = new CleaningReport(folder.Name, read, train.Count, validation.Count, normalized, kept, removals);
        await File.WriteAllTextAsync(folder.Report, JsonSerializer.Serialize(report, DatasetJson.Page), cancellationToken);
        await File.WriteAllTextAsync(folder.ReadableReport, report.ToLongText(), cancellationToken);
        if (train.Count == 0)
            throw new InvalidDataException($"Nothing is left to learn from in '{folder.Name}': of {read:N0} records {string.Join(", ", report.RemovedByReason.Take(3).Select(r => $"{r.Value:N0} were removed as {r.Key}"))}. {folder.ReadableReport} says why of each.");
        await train.CompleteAsync();
        await validation.CompleteAsync();
        return report;
    }

    private Removal? Examine(DatasetLine line, Dictionary<string, string> seen, NearDuplicates near, out DatasetRecord? clean)
    {
        clean = null;
        if (line.Record is not { } record)
            return new Removal(line.Number, null, Removal.Broken, line.Problem!);
        if (record.Characters() > _thresholds.MaxCharacters || record.Messages.Count > _thresholds.MaxMessages)
            return Gone(Removal.TooLong, $"{record.Characters():N0} characters in {record.Messages.Count} messages; {_thresholds.MaxCharacters:N0} in {_thresholds.MaxMessages} are allowed.");
        record = Normalize(record);
        if (RecordRules.Problem(record) is { } problem)
            return Gone(Removal.Broken, problem);
        var text = string.Join("\n", record.Messages.Select(m => m.Content));
        try
        {
            if (_languages.Detect(text) is not { } language)
                return Gone(Removal.Language, "It is neither English nor Mandarin.");
            if (_personal.Find(text) is { } kind)
                return Gone(Removal.Personal, $"It has a {kind}.");
            foreach (var message in record.Messages.Where(m => !_options.RepliesOnly || m.Role == DatasetMessage.Assistant))
            {
                if (_content.Find(message.Content) is { } finding)
                    return Gone(Removal.Unwanted, $"{finding.Category} ({finding.Score:0.##}): '{finding.Match}'");
            }

            clean = record with { Language = language };
        }
        catch (RegexMatchTimeoutException)
        {
            return Gone(Removal.Broken, "A list's pattern takes too long on it.");
        }

        var plain = string.Join("|", record.Messages.Select(m => PlainWords.Of(m.Content)));
        if (!seen.TryAdd(plain, record.Id))
            return Gone(Removal.Duplicate, $"It says the same as {seen[plain]}.");
        return near.FindOrKeep(record.Id, plain, clean.Language == "zh") is { } other ? Gone(Removal.NearDuplicate, $"It says nearly the same as {other}.") : null;

        Removal Gone(string reason, string detail) => new(line.Number, line.Record.Id, reason, detail);
    }

    // Empty messages go, neighbours of one role become one, and what nobody answers is not learnt.
    private static DatasetRecord Normalize(DatasetRecord record)
    {
        var messages = new List<DatasetMessage>();
        foreach (var message in record.Messages.Select(m => m with { Content = TextNormalizer.Of(m.Content) }).Where(m => m.Content.Length > 0))
        {
            if (messages.Count > 0 && messages[^1].Role == message.Role)
                messages[^1] = message with { Content = $"{messages[^1].Content}\n{message.Content}" };
            else
                messages.Add(message);
        }

        var last = messages.FindLastIndex(m => m.Role == DatasetMessage.Assistant);
        return record with { Messages = messages[..(last + 1)] };
    }

    // By what the user says first, so that one question is never on both sides, whatever the order or number of records.
    private bool IsForValidation(DatasetRecord record)
    {
        var asked = PlainWords.Of(record.Messages.First(m => m.Role == DatasetMessage.User).Content);
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(asked));
        return BitConverter.ToUInt32(hash) < _thresholds.Validation * uint.MaxValue;
    }
}
