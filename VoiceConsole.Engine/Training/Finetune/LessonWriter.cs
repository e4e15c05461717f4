using Microsoft.Extensions.AI;
using VoiceConsole.Engine.Language;
using VoiceConsole.Engine.Language.Llama;
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

    public Lesson Write(IReadOnlyList<DatasetMessage> messages)
    {
        ChatMessage[] chat = [.. messages.Select(m => new ChatMessage(new ChatRole(m.Role), _model.Disarm(m.Content)))];
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

    private int[] Tokens(ChatMessage[] messages, bool asksForReply)
    {
        var text = _template?.Format(messages, asksForReply)
            ?? _model.BeginText + (asksForReply ? PlainPrompt.Ask(messages) : PlainPrompt.Lines(messages) + _model.EndText);
        return _model.Tokenize(text, addSpecial: false, parseSpecial: true);
    }
}
