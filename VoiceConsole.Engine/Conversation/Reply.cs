using System.Threading.Channels;
using VoiceConsole.Engine.Events;
using VoiceConsole.Engine.Language;

namespace VoiceConsole.Engine.Conversation;

/// <summary>
/// Makes a turn's reply: the model writes, whole sentences are synthesised while it still writes, and their sound goes to
/// the playback. Belongs to the loop.
/// </summary>
internal sealed class Reply(
    TurnController controller, Playback playback, ConversationOptions options, int sampleRate, TaskScheduler work)
{
    // Longer replies are cut: nobody listens to them, and a server that never ends must not fill the memory.
    private const int MaxCharacters = 50_000;

    // Sentences the model may be ahead of the synthesiser.
    private const int MaxWaiting = 16;

    private readonly Speaker _speaker = new(controller, playback, sampleRate, work);
    private readonly PrefillAhead _ahead = new(options.SystemPrompt, controller.History);

    /// <summary>The user has said <paramref name="text"/> so far and will be answered soon.</summary>
    public void Prepare(Turn turn, string text)
    {
        // The history is whole only when the turn before has been written into it.
        if (options.PrefillWhileSpeaking && turn.Before.IsCompleted && turn.Engines.HasLanguage && text.Length > 0)
            _ahead.Read(turn.Engines.Language.Replies, text);
    }

    /// <summary>Has the model read nothing ahead any more.</summary>
    public void Close() => _ahead.Stop();

    /// <summary>Answers <paramref name="text"/>; completes when the reply has been played to its end.</summary>
    public async Task RunAsync(Turn turn, string text)
    {
        turn.Phase = TurnPhase.Thinking;
        _ahead.Stop();
        await turn.Before;
        turn.Token.ThrowIfCancellationRequested();
        controller.History.AddUser(text);
        turn.IsAsked = true;
        await turn.Engines.LanguageAsync(turn.Token);
        await SummarizeAsync(turn);
        playback.Begin(turn);
        turn.Phase = TurnPhase.Reply;
        await SpeakAsync(turn, sentences => GenerateAsync(turn, sentences));
    }

    /// <summary>Says nothing but one of the <see cref="Apologies"/>.</summary>
    public async Task ApologizeAsync(Turn turn, string apology)
    {
        turn.Phase = TurnPhase.Thinking;
        await turn.Before;
        turn.Token.ThrowIfCancellationRequested();
        playback.Begin(turn);
        turn.Phase = TurnPhase.Reply;
        await SpeakAsync(turn, async sentences =>
        {
            turn.ReplyText.Append(apology);
            await sentences.WriteAsync(new Sentence(0, 0, apology) { Language = Apologies.LanguageFor(options.Language) }, turn.Token);
        });
    }

    private async Task SpeakAsync(Turn turn, Func<ChannelWriter<Sentence>, Task> write)
    {
        var sentences = Channel.CreateBounded<Sentence>(MaxWaiting);
        var speaking = _speaker.SpeakAsync(turn, sentences.Reader, options.Language);
        try
        {
            await write(sentences.Writer);
        }
        finally
        {
            sentences.Writer.TryComplete();
        }

        await speaking;
        playback.Complete(turn);
        await turn.Played;
    }

    private async Task GenerateAsync(Turn turn, ChannelWriter<Sentence> sentences)
    {
        var prompt = PromptBuilder.Build(options.SystemPrompt, controller.History.Messages);
        controller.Publish(turn, new GenerationStarted(turn.Id, controller.Now, turn.Engines.Language.Name));
        var splitter = new SentenceSplitter(options.Language);
        var offset = 0;
        var spoken = 0;
        var tokens = 0;
        await foreach (var part in turn.Engines.Language.Replies.ReplyAsync(prompt, options.Language, turn.Token))
        {
            turn.Token.ThrowIfCancellationRequested();
            switch (part)
            {
                case ReplyText piece:
                    controller.Publish(turn, new TokenGenerated(turn.Id, controller.Now, tokens++, piece.Text));
                    turn.ReplyText.Append(piece.Text);
                    await HandOnAsync(splitter.Append(piece.Text));
                    if (tokens < options.MaxReplyTokens && turn.ReplyText.Length < MaxCharacters)
                        break;
                    await CompleteAsync();
                    return;
                case ReplyApology apology:
                    await HandOnAsync(splitter.Complete());
                    Restart();
                    turn.ReplyText.Append(apology.Text);
                    await HandOnAsync([.. splitter.Append(apology.Text), .. splitter.Complete()], Apologies.LanguageFor(options.Language));
                    Restart();
                    break;
                case ReplyRetry retry:
                    controller.Publish(turn, new GenerationRetried(turn.Id, controller.Now, retry.Attempt, retry.Model, retry.Error));
                    break;
                case ReplyFailure failure:
                    controller.Fail(turn, "model", failure.Error, failure.Remedy);
                    return;
                case ReplyEnd end:
                    await CompleteAsync(end.PromptTokens);
                    return;
            }
        }

        async ValueTask CompleteAsync(long? promptTokens = null)
        {
            await HandOnAsync(splitter.Complete());
            controller.Publish(turn, new GenerationCompleted(turn.Id, controller.Now, tokens, promptTokens));
        }

        void Restart()
        {
            turn.ReplyText.Append(' ');
            offset = turn.ReplyText.Length;
            splitter = new SentenceSplitter(options.Language);
        }

        async ValueTask HandOnAsync(IEnumerable<Sentence> completed, string? language = null)
        {
            foreach (var sentence in completed)
            {
                var placed = new Sentence(spoken++, offset + sentence.TextStart, sentence.Text) { Language = language };
                controller.Publish(turn, new SentenceCompleted(turn.Id, controller.Now, placed.Index, placed.TextStart, placed.Text));
                await sentences.WriteAsync(placed, turn.Token);
            }
        }
    }

    private async Task SummarizeAsync(Turn turn)
    {
        if (turn.Engines.Language.Summarizer is not { } summarizer)
            return;
        var shortened = await summarizer.ShortenAsync(controller.History.Messages, options.Language, turn.Token);
        if (shortened is null)
            return;
        controller.History.Replace(shortened.Messages);
        controller.Publish(turn, new HistorySummarized(turn.Id, controller.Now, shortened.Replaced, shortened.Summary));
    }
}
