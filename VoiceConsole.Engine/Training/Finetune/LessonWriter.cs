using Microsoft.Extensions.AI;
using VoiceConsole.Engine.Language;
using VoiceConsole.Engine.Language.Llama;
using VoiceConsole.Engine.Training.Base;
using VoiceConsole.Engine.Training.Datasets;

namespace VoiceConsole.Engine.Training.Finetune;

/// <summary>Writes conversations in a model's tokens, by its chat template or, where it has none, as the console asks such models.</summary>
internal sealed class LessonWriter : IDisposable
{
    private readonly LlamaModel _model;
    private readonly ChatTemplate? _template;

    /// <param name="folders">Folders of the installed part "llama" and of what it needs.</param>
    /// <exception cref="InvalidDataException">The model is damaged.</exception>
    public LessonWriter(string ggufFile, IReadOnlyList<string> folders)
    {
        _model = new LlamaModel(ggufFile, folders);
        try
        {
            _template = _model.Template is { } template ? new ChatTemplate(template, _model.BeginText, _model.EndText, folders) : null;
        }
        catch
        {
            _model.Dispose();
            throw;
        }
    }

    /// <summary>
    /// What is to be learnt of a conversation. A model that plans its replies (<see cref="Vocabulary.Plan"/>) gets a lesson for each, since
    /// of those before it will see the words only; any other gets one for all.
    /// </summary>
    public IEnumerable<Lesson> WriteAll(DatasetRecord record)
    {
        int[] replies = [.. record.Messages.Index().Where(m => m.Item.Role == DatasetMessage.Assistant).Select(m => m.Index)];
        if (replies.Length != record.Tags.Count || record.Tags.Select(Plan).ToArray() is not { } plans || plans.Any(p => p is null))
            return [Write(record.Messages)];
        return replies.Zip(plans, (reply, plan) => Planned(record.Messages.Take(reply + 1), plan!.Value));
    }

    public Lesson Write(IReadOnlyList<DatasetMessage> messages)
    {
        var chat = Chat(messages);
        var tokens = Tokens(chat, asksForReply: false);
        var isLearnt = new bool[tokens.Length];
        for (var i = 0; i < chat.Length; i++)
        {
            if (chat[i].Role != ChatRole.Assistant)
                continue;
            // A reply is what comes after the question for it, up to where the conversation would end.
            var from = tokens.AsSpan().CommonPrefixLength(Tokens(chat[..i], asksForReply: true));
            var to = tokens.AsSpan().CommonPrefixLength(Tokens(chat[..(i + 1)], asksForReply: false));
            isLearnt.AsSpan(from, Math.Max(0, to - from)).Fill(true);
        }

        return new Lesson(tokens, isLearnt);
    }

    public void Dispose()
    {
        _template?.Dispose();
        _model.Dispose();
    }

    private Lesson Planned(IEnumerable<DatasetMessage> messages, int plan)
    {
        var chat = Chat(messages);
        var tokens = Tokens(chat, asksForReply: false);
        var from = tokens.AsSpan().CommonPrefixLength(Tokens(chat[..^1], asksForReply: true));
        return new Lesson([.. tokens[..from], plan, .. tokens[from..]], [.. Enumerable.Range(0, tokens.Length + 1).Select(i => i >= from)]) { PlanAt = from };
    }

    // The token by which the model plans such a reply; null for a model that has none.
    private int? Plan(string tag) => _model.Tokenize(Vocabulary.Plan(tag), addSpecial: false, parseSpecial: true) is [var token] ? token : null;

    private ChatMessage[] Chat(IEnumerable<DatasetMessage> messages) => [.. messages.Select(m => new ChatMessage(new ChatRole(m.Role), _model.Disarm(m.Content)))];

    private int[] Tokens(ChatMessage[] messages, bool asksForReply)
    {
        var text = _template?.Format(messages, asksForReply)
            ?? _model.BeginText + (asksForReply ? PlainPrompt.Ask(messages) : PlainPrompt.Lines(messages) + _model.EndText);
        return _model.Tokenize(text, addSpecial: false, parseSpecial: true);
    }
}
