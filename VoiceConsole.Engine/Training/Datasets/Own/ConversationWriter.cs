namespace VoiceConsole.Engine.Training.Datasets.Own;

/// <summary>Writes conversations of one language: intents in shuffled order, so that each comes as often as it has something to say.</summary>
internal sealed class ConversationWriter
{
    private const string More = "more";
    private const string Again = "again";

    // Only true when nothing has been said before.
    private const string Repeat = "repeat";
    private const int MaxTurns = 4;

    // Share of replies that are an intent's first: what is likeliest must not be shared out among its other replies.
    private const double FirstReply = 0.5;

    // Share of conversations with one, two and three turns; the rest has four.
    private static readonly double[] s_turns = [0.7, 0.2, 0.07];
    private static readonly string[] s_last = ["goodbye", "thanks"];

    private readonly string _language;
    private readonly Random _random;
    private readonly SpeakingStyle _speaker;
    private readonly OwnStyle _style;
    private readonly HashSet<string> _heldOut;
    private readonly Dictionary<string, OwnIntent> _intents;
    private readonly ShuffledDeck<OwnIntent> _next;
    private readonly Dictionary<string, ShuffledDeck<string>> _phrasings;
    private readonly Stack<OwnIntent> _toOpen = new();

    public ConversationWriter(string language, Random random)
    {
        var material = OwnMaterial.Instance;
        (_language, _random) = (language, random);
        _speaker = new SpeakingStyle(language, random);
        _style = material.Styles[language];
        _intents = material.Intents.ToDictionary(i => i.Intent);
        _heldOut = material.NotToTeach(language);
        // What has slots has more to say, and what is unknown must be told from everything else.
        _next = new ShuffledDeck<OwnIntent>(material.Intents.SelectMany(i => Enumerable.Repeat(i, i.In(language).Phrasings.Any(p => p.Contains('{')) ? 2 : 1)), random);
        _phrasings = material.Intents.ToDictionary(i => i.Intent, i => new ShuffledDeck<string>(i.In(language).Phrasings.Where(p => !_heldOut.Contains(PlainWords.Of(p))), random));
    }

    /// <summary>The messages of one conversation, and the intent of each of its user messages.</summary>
    public (IReadOnlyList<DatasetMessage> Messages, IReadOnlyList<string> Intents) Write()
    {
        var messages = new List<DatasetMessage>();
        var intents = new List<string>();
        var turns = Turns();
        for (var turn = 0; turn < turns; turn++)
        {
            var follows = FollowUp(intents);
            var isLast = turn > 0 && turn == turns - 1;
            if (follows is not null)
                Add(follows, Any(_style.FollowUps[follows]), follows == Again ? messages[^1].Content : Any(_intents[intents[^1]].In(_language).More), mayAsk: false);
            else
                AddIntent(isLast && _random.NextDouble() < 0.2 ? _intents[Any(s_last)] : Draw(turn));
        }

        return (messages, intents);

        void AddIntent(OwnIntent intent) =>
            Add(intent.Intent, Phrase(intent), Reply(intent.In(_language).Replies), mayAsk: intent.Kind is "console" or "self" or "unknown");

        void Add(string intent, string said, string reply, bool mayAsk)
        {
            var styled = _speaker.Say(said, mayAsk);
            messages.Add(new DatasetMessage(DatasetMessage.User, _heldOut.Contains(PlainWords.Of(styled)) ? said : styled));
            messages.Add(new DatasetMessage(DatasetMessage.Assistant, reply));
            intents.Add(intent);
        }
    }

    private int Turns()
    {
        var dice = _random.NextDouble();
        var turns = 1;
        foreach (var share in s_turns)
        {
            if ((dice -= share) < 0)
                return turns;
            turns++;
        }

        return MaxTurns;
    }

    private string? FollowUp(List<string> intents)
    {
        if (intents.Count == 0 || !_intents.TryGetValue(intents[^1], out var last))
            return null;
        var dice = _random.NextDouble();
        if (last.In(_language).More.Count > 0 && dice < 0.3)
            return More;
        return last.Kind is "console" or "self" && dice > 0.93 ? Again : null;
    }

    private OwnIntent Draw(int turn)
    {
        if (turn == 0 && _toOpen.TryPop(out var opening))
            return opening;
        var intent = _next.Draw();
        while (turn > 0 && intent.Intent == Repeat)
        {
            _toOpen.Push(intent);
            intent = _next.Draw();
        }

        return intent;
    }

    private string Phrase(OwnIntent intent)
    {
        string said;
        do
            said = _speaker.Fill(_phrasings[intent.Intent].Draw());
        while (_heldOut.Contains(PlainWords.Of(said)));
        return said;
    }

    private string Reply(IReadOnlyList<string> replies) => _random.NextDouble() < FirstReply ? replies[0] : Any(replies);

    private T Any<T>(IReadOnlyList<T> list) => list[_random.Next(list.Count)];
}
