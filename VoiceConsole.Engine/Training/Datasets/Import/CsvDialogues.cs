using Microsoft.VisualBasic.FileIO;

namespace VoiceConsole.Engine.Training.Datasets.Import;

/// <summary>Conversations of one turn in a table: a row each, columns named by the heading.</summary>
internal static class CsvDialogues
{
    private static readonly string[] s_user = ["user", "question", "prompt", "instruction", "input", "用户", "问"];
    private static readonly string[] s_assistant = ["assistant", "answer", "reply", "response", "completion", "output", "助手", "答"];

    /// <exception cref="InvalidDataException">The heading names no column of the user's or the assistant's.</exception>
    public static IEnumerable<Dialogue> Read(string file)
    {
        using var reader = new StreamReader(file);
        using var table = new TextFieldParser(reader) { TextFieldType = FieldType.Delimited, HasFieldsEnclosedInQuotes = true, TrimWhiteSpace = false };
        table.SetDelimiters(",");
        var heading = (ReadRow(table, out _) ?? []).Select(h => h.Trim().TrimStart('\uFEFF').ToLowerInvariant()).ToArray();
        var user = Array.FindIndex(heading, s_user.Contains);
        var assistant = Array.FindIndex(heading, s_assistant.Contains);
        var system = Array.IndexOf(heading, "system");
        if (user < 0 || assistant < 0)
        {
            throw new InvalidDataException(
                $"{Path.GetFileName(file)} needs a heading with a column of the user's ({string.Join(", ", s_user)}) and one of the assistant's ({string.Join(", ", s_assistant)}).");
        }

        while (!table.EndOfData)
        {
            var number = table.LineNumber;
            var row = ReadRow(table, out var problem);
            if (problem is not null)
                yield return Dialogue.Broken(number, problem);
            else if (row is not null)
                yield return ToDialogue(number, row, heading.Length, user, assistant, system);
        }
    }

    private static Dialogue ToDialogue(long number, string[] row, int columns, int user, int assistant, int system)
    {
        if (row.Length != columns)
            return Dialogue.Broken(number, $"has {row.Length} columns; the heading has {columns}.");
        if (row.Any(f => f.Contains('\uFFFD')))
            return Dialogue.Broken(number, "is not UTF-8. The file mixes encodings or has another one; save it as UTF-8.");
        if (row.Sum(f => f.Length) > TextLines.MaxBytes)
            return Dialogue.Broken(number, $"is longer than {TextLines.MaxBytes:N0} characters.");
        var messages = new List<DatasetMessage>();
        if (system >= 0 && row[system].Length > 0)
            messages.Add(new DatasetMessage(DatasetMessage.System, row[system]));
        messages.Add(new DatasetMessage(DatasetMessage.User, row[user]));
        messages.Add(new DatasetMessage(DatasetMessage.Assistant, row[assistant]));
        return new Dialogue(number, messages, null);
    }

    private static string[]? ReadRow(TextFieldParser table, out string? problem)
    {
        try
        {
            problem = null;
            return table.ReadFields();
        }
        catch (MalformedLineException)
        {
            problem = "has a quotation mark that opens no field or is never closed.";
            return null;
        }
    }
}
