using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Models;

namespace VoiceConsole.Engine.Language;

/// <summary>
/// A language model that always ends in something to say: time-outs, retries with backoff, the fallback, and at last an
/// apology. One reply at a time.
/// </summary>
/// <param name="first">Asked first, <see cref="ConversationOptions.ModelAttempts"/> times.</param>
/// <param name="firstName">For people; without secrets.</param>
/// <param name="fallback">Asked once when the first has failed; null for none.</param>
/// <param name="fallbackName">The same for the fallback.</param>
/// <param name="options">Time-outs and attempts.</param>
/// <param name="time">The conversation's.</param>
public sealed class ReplyStream(
    IChatClient first, string firstName, IChatClient? fallback, string? fallbackName, ConversationOptions options, TimeProvider time)
{
    /// <summary>The reply, part by part. Ends with <see cref="ReplyEnd"/> or <see cref="ReplyFailure"/>.</summary>
    /// <param name="messages">The prompt.</param>
    /// <param name="language">BCP 47 tag for apologies.</param>
    /// <param name="cancellationToken">The turn's; its cancellation is not a failure.</param>
    public async IAsyncEnumerable<ReplyPart> ReplyAsync(
        IReadOnlyList<ChatMessage> messages, string language, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Exception? error = null;
        var attempts = options.ModelAttempts + (fallback is null ? 0 : 1);
        var chat = new ChatOptions { MaxOutputTokens = options.MaxReplyTokens };
        for (var attempt = 1; attempt <= attempts; attempt++)
        {
            var last = fallback is not null && attempt == attempts;
            if (attempt > 1)
            {
                if (attempt == 2)
                    yield return new ReplyApology(Apologies.OneMoment(language));
                yield return new ReplyRetry(attempt, last ? fallbackName! : firstName, error!.Message);
                if (!last)
                    await Task.Delay(options.RetryDelay * Math.Pow(2, attempt - 2), time, cancellationToken);
            }

            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var attemptParts = new Attempt(last ? fallback! : first, messages, chat, options, time, stop);
            while (await attemptParts.NextAsync(cancellationToken) is { } text)
                yield return new ReplyText(text);
            if ((error = attemptParts.Error) is null)
            {
                yield return new ReplyEnd(attemptParts.Pieces);
                yield break;
            }

            // Asking again does not bring a model that was never given.
            if (error is ModelUnavailableException && !last)
                attempt = Math.Max(attempt, options.ModelAttempts);
        }

        var missing = error as ModelUnavailableException;
        yield return new ReplyApology(missing is null ? Apologies.ModelFailed(language) : Apologies.NoModel(language));
        yield return new ReplyFailure(error!.Message, missing?.Remedy is { Length: > 0 } remedy ? remedy : "Look at the model server, or give a fallback with --fallback-llm; the console goes on listening.");
    }

    // One request. A model that does not obey its token must not hold the conversation: each step is raced against a timer.
    private sealed class Attempt(
        IChatClient model, IReadOnlyList<ChatMessage> messages, ChatOptions chat, ConversationOptions options, TimeProvider time, CancellationTokenSource stop)
    {
        private IAsyncEnumerator<ChatResponseUpdate>? _updates;

        public int Pieces { get; private set; }

        public Exception? Error { get; private set; }

        /// <summary>The next piece of text, or null when there is none: then <see cref="Error"/> says whether that is the end.</summary>
        public async Task<string?> NextAsync(CancellationToken cancellationToken)
        {
            Task<bool>? step = null;
            try
            {
                _updates ??= model.GetStreamingResponseAsync(messages, chat, stop.Token).GetAsyncEnumerator(stop.Token);
                var limit = Pieces == 0 ? options.FirstTokenTimeout : options.StallTimeout;
                var started = time.GetTimestamp();
                while (true)
                {
                    step = _updates.MoveNextAsync().AsTask();
                    var left = limit - time.GetElapsedTime(started);
                    if (!await step.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, time, cancellationToken))
                        break;
                    if (_updates.Current.Text is not { Length: > 0 } text)
                        continue;
                    Pieces++;
                    return text;
                }

                if (Pieces == 0)
                    Error = new InvalidDataException("The model's reply was empty.");
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                await EndAsync(step);
                throw;
            }
            catch (TimeoutException)
            {
                Error = new TimeoutException(Pieces == 0
                    ? $"The model gave no first token within {options.FirstTokenTimeout.TotalSeconds:0.#} s."
                    : $"The model stopped in mid-reply for {options.StallTimeout.TotalSeconds:0.#} s.");
            }
            catch (Exception error)
            {
                Error = error;
            }

            await EndAsync(step);
            return null;
        }

        private async Task EndAsync(Task<bool>? step)
        {
            stop.Cancel();
            if (_updates is not { } updates)
                return;
            _updates = null;
            if (step is { IsCompleted: false })
            {
                // It is cleaned up whenever it comes back; nobody waits for it.
                _ = AbandonAsync(step, updates);
                return;
            }

            try
            {
                await updates.DisposeAsync();
            }
            catch (Exception error)
            {
                Error ??= error is OperationCanceledException ? null : error;
            }
        }

        private static async Task AbandonAsync(Task<bool> step, IAsyncEnumerator<ChatResponseUpdate> updates)
        {
            try
            {
                await step;
            }
            catch (Exception)
            {
                // What a request that was given up says does not matter any more.
            }

            try
            {
                await updates.DisposeAsync();
            }
            catch (Exception)
            {
                // The same.
            }
        }
    }
}
