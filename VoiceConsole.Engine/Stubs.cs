#pragma warning disable
using Microsoft.Extensions.AI;
namespace VoiceConsole.Engine.Language {
 public sealed record Sentence(int Index, int TextStart, string Text);
 public sealed class SentenceSplitter(string l) { public IEnumerable<Sentence> Append(string s) => []; public IEnumerable<Sentence> Complete() => []; }
 public static class PromptBuilder { public static IReadOnlyList<ChatMessage> Build(string s, IReadOnlyList<ChatMessage> m) => m; }
 public sealed class ReplyStream { public async IAsyncEnumerable<ReplyPart> ReplyAsync(IReadOnlyList<ChatMessage> m, string l, CancellationToken c) { yield break; } }
 public sealed record Shortened(IReadOnlyList<ChatMessage> Messages, int Replaced, string Summary);
 public sealed class HistorySummarizer { public Task<Shortened?> ShortenAsync(IReadOnlyList<ChatMessage> m, string l, CancellationToken c) => null; }
 public static class Apologies { public static string NotUnderstood(string l) => ""; }
}
