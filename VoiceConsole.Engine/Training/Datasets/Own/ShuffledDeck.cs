namespace VoiceConsole.Engine.Training.Datasets.Own;

/// <summary>Gives every card once in random order, then shuffles and begins again.</summary>
internal sealed class ShuffledDeck<T>(IEnumerable<T> cards, Random random)
{
    private readonly T[] _cards = [.. cards];
    private int _left;

    public T Draw()
    {
        if (_left == 0)
        {
            random.Shuffle(_cards);
            _left = _cards.Length;
        }

        return _cards[--_left];
    }
}
