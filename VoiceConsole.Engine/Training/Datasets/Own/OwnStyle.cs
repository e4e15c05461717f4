namespace VoiceConsole.Engine.Training.Datasets.Own;

/// <summary>How people of one language say things: style.json.</summary>
/// <param name="Fillers">Said before anything.</param>
/// <param name="Askers">Said before a question.</param>
/// <param name="QuestionStarts">First words of what an asker may stand before; empty where the language needs no such care.</param>
/// <param name="YesNoStarts">First words of the other questions.</param>
/// <param name="Contractions">Long form and short form.</param>
/// <param name="Misheard">What a recogniser writes now and then instead.</param>
/// <param name="Written">What is said otherwise than it is typed.</param>
/// <param name="Endings">Said after anything that asks for something.</param>
/// <param name="Synonyms">Words and what may be said for them.</param>
/// <param name="FollowUps">"more" and "again": phrasings that only make sense after a reply.</param>
internal sealed record OwnStyle(
    IReadOnlyList<string> Fillers,
    IReadOnlyList<string> Askers,
    IReadOnlyList<string> QuestionStarts,
    IReadOnlyList<string> YesNoStarts,
    IReadOnlyDictionary<string, string> Contractions,
    IReadOnlyDictionary<string, string> Misheard,
    IReadOnlyDictionary<string, string> Written,
    IReadOnlyList<string> Endings,
    IReadOnlyDictionary<string, string> Synonyms,
    IReadOnlyDictionary<string, IReadOnlyList<string>> FollowUps);
