using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace VoiceConsole.Engine.Training.Datasets.Import;

/// <summary>Conversations as people write them down: "User: …", "Assistant: …", a line without a name goes on, a blank line ends.</summary>
internal static partial class PlainDialogues
{
    public static async IAsyncEnumerable<Dialogue> ReadAsync(string file, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var messages = new List<DatasetMessage>();
        var first = 0L;
        string? problem = null;
        await foreach (var (number, text, fault) in TextLines.ReadAsync(file, cancellationToken))
        {
            if (fault is null && string.IsNullOrWhiteSpace(text))
            {
                if (first > 0)
                    yield return new Dialogue(first, messages, problem);
                (messages, first, problem) = ([], 0, null);
                continue;
            }

            if (first == 0)
                first = number;
            if (fault is not null)
                problem ??= number == first ? fault : $"has a line {number} that {fault}";
            else if (Speaker().Match(text!) is { Success: true } said && Dialogue.RoleOf(said.Groups[1].Value) is { } role)
                messages.Add(new DatasetMessage(role, said.Groups[2].Value.Trim()));
            else if (messages.Count > 0)
                messages[^1] = messages[^1] with { Content = $"{messages[^1].Content}\n{text!.Trim()}" };
            else
                problem ??= "begins with no speaker; write 'User: …' and 'Assistant: …'.";
        }

        if (first > 0)
            yield return new Dialogue(first, messages, problem);
    }

    [GeneratedRegex(@"^\s*([\p{L}]{1,12})\s*[:：](.*)$", RegexOptions.Singleline)]
    private static partial Regex Speaker();
}
