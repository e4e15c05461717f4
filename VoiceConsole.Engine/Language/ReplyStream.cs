using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.AI;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Models;

namespace VoiceConsole.Engine.Language;

/// <summary>
/// Asks a language model for a reply and does not take silence for an answer: an attempt that fails or stalls is apologised
/// for and tried again after a growing delay, then with the fallback; if nothing helps, that is said too.
/// </summary>
/// <param name="first">Asked up to <see cref="ConversationOptions.ModelAttempts"/> times.</param>
/// <param name="firstName">For people and records; without secrets.</param>
/// <param name="fallback">Asked once when the first has failed, or null.</param>
/// <param name="fallbackName">As <paramref name="firstName"/>.</param>
/// <param name="options">Timeouts, attempts and the longest reply.</param>
/// <param name="time">The conversation's time.</param>
public sealed class ReplyStream(
    IChatClient first, string firstName, IChatClient? fallback, string? fallbackName, ConversationOptions options, TimeProvider time)
{
    private const int MaxDoublings = 5;

    // Enough of a reply to know that there is something to say in it.
    private const int MaxChecked = 60_000;

    /// <summary>The reply to <paramref name="messages"/>, ending in <see cref="ReplyEnd"/> or <see cref="ReplyFailure"/>.</summary>
    /// <exception cref="OperationCanceledException">Cancelled by the token, which is not a failure.</exception>
    public async IAsyncEnumerable<ReplyPart> ReplyAsync(
        IReadOnlyList<ChatMessage> messages, string language, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Exception? error = null;
        // That there is no first model is no news: the fallback answers at once.
        var hasApologized = first is MissingModel;
        var number = 0;
        foreach (var (client, name, delay) in Attempts())
        {
            if (error is not null)
            {
                if (!hasApologized)
                    yield return new ReplyApology(Apologies.OneMoment(language));
                hasApologized = true;
                if (delay > TimeSpan.Zero)
                    await Task.Delay(delay, time, cancellationToken);
            }

            number++;
            if (error is not null)
                yield return new ReplyRetry(number, name, error.Message);
            var tokens = 0;
            var text = new StringBuilder();
            ReplyAttempt? attempt = null;
            try
            {
                (attempt, error) = Start(client, messages, cancellationToken);
                while (attempt is not null)
                {
                    (var piece, error) = await NextAsync(attempt, tokens > 0, name, cancellationToken);
                    if (piece is null)
                        break;
                    tokens++;
                    // What was said before has to be apologised for anew.
                    hasApologized = false;
                    if (text.Length < MaxChecked)
                        text.Append(piece);
                    yield return new ReplyText(piece);
                }
            }
            finally
            {
                attempt?.Dispose();
            }

            if (error is null && !IsSpeakable(text.ToString(), language))
                error = new ModelUnavailableException($"{name} gave an empty reply.", "Ask again, or choose another model.");
            if (error is null)
            {
                yield return new ReplyEnd(tokens, attempt?.PromptTokens);
                yield break;
            }
        }

        yield return new ReplyApology(first is MissingModel && fallback is null ? Apologies.NoModel(language) : Apologies.ModelFailed(language));
        yield return new ReplyFailure(error!.Message, RemedyOf(error));
    }

    /// <summary>Has the first model read <paramref name="messages"/> ahead, where it can: see <see cref="IPromptPrefill"/>.</summary>
    public Task PrefillAsync(IReadOnlyList<ChatMessage> messages, CancellationToken cancellationToken) =>
        first.GetService(typeof(IPromptPrefill)) is IPromptPrefill model ? model.PrefillAsync(messages, cancellationToken) : Task.CompletedTask;

    private IEnumerable<(IChatClient Client, string Name, TimeSpan Delay)> Attempts()
    {
        // What is not there will not be there in a second either.
        var attempts = first is MissingModel ? 1 : options.ModelAttempts;
        for (var i = 0; i < attempts; i++)
            yield return (first, firstName, i == 0 ? TimeSpan.Zero : options.RetryDelay * (1 << Math.Min(i - 1, MaxDoublings)));
        if (fallback is not null)
            yield return (fallback, fallbackName ?? "the fallback model", TimeSpan.Zero);
    }

    private (ReplyAttempt? Attempt, Exception? Error) Start(IChatClient client, IReadOnlyList<ChatMessage> messages, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return (new ReplyAttempt(client, messages, new ChatOptions { MaxOutputTokens = options.MaxReplyTokens }, time, cancellationToken), null);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, error);
        }
    }

    private async Task<(string? Piece, Exception? Error)> NextAsync(ReplyAttempt attempt, bool hasBegun, string name, CancellationToken cancellationToken)
    {
        var timeout = hasBegun ? options.StallTimeout : options.FirstTokenTimeout;
        try
        {
            return (await attempt.NextAsync(timeout), null);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (TimeoutException)
        {
            var what = hasBegun ? "stopped in the middle of its reply; nothing came" : "gave no first word";
            return (null, new ModelUnavailableException(
                $"{name} {what} within {timeout.TotalSeconds:0.#} s.", "Wait until the model is less busy, choose a smaller one, or raise the timeout."));
        }
        catch (Exception error)
        {
            return (null, error);
        }
    }

    private static bool IsSpeakable(string text, string language)
    {
        var splitter = new SentenceSplitter(language);
        return splitter.Append(text).Concat(splitter.Complete()).Any();
    }

    private static string RemedyOf(Exception error) => error is ModelUnavailableException { Remedy.Length: > 0 } unavailable
        ? unavailable.Remedy
        : "Check that the model's server runs, or choose another model.";
}
