namespace VoiceConsole.Engine.Language;

/// <summary>What comes out of a language model's reply, retries and failures included.</summary>
public abstract record ReplyPart;

/// <summary>A piece of the reply, as the model wrote it. Untrusted: say it, render it, never run it.</summary>
public sealed record ReplyText(string Text) : ReplyPart;

/// <summary>Something to say aloud that is not the model's own words: the apology for a failure.</summary>
public sealed record ReplyApology(string Text) : ReplyPart;

/// <summary>An attempt failed and another begins; what follows is a new reply from its start.</summary>
/// <param name="Attempt">Number of the attempt that begins, from 2.</param>
/// <param name="Model">Who is asked.</param>
public sealed record ReplyRetry(int Attempt, string Model, string Error) : ReplyPart;

/// <summary>The reply is complete.</summary>
/// <param name="Tokens">Pieces of it.</param>
/// <param name="PromptTokens">Tokens of the prompt; null where the model does not say.</param>
public sealed record ReplyEnd(int Tokens, long? PromptTokens = null) : ReplyPart;

/// <summary>Every attempt failed; the apology has been given before. The last part.</summary>
public sealed record ReplyFailure(string Error, string Remedy) : ReplyPart;
