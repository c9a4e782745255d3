using Attune.Objectives.Randomness;

namespace Attune.Objectives.SequenceToSequence;

/// <summary>Puts the sentences of a text into a random order. A sentence ends with a full stop, or where the text ends.</summary>
/// <param name="FullStopId">The token of the full stop.</param>
public sealed record SentencePermutation(int FullStopId) : INoise
{
    /// <inheritdoc/>
    public NoisyText Apply(NoisyText text, Draws draws)
    {
        int[] order = [.. Enumerable.Range(0, Ends(text.Ids).Count)];
        draws.Shuffle(order.AsSpan());
        return Permute(text, order);
    }

    /// <summary>The position after each sentence; a run of stops ends one with its first.</summary>
    internal List<int> Ends(ReadOnlySpan<int> ids)
    {
        List<int> ends = [];
        bool stopped = false;
        for (int i = 1; i < ids.Length - 1; i++)
        {
            bool stops = ids[i] == FullStopId || i == ids.Length - 2;
            if (stops && !stopped)
                ends.Add(i + 1);
            stopped = stops;
        }
        return ends;
    }

    /// <summary>Puts the sentences into an order: <paramref name="order"/> says which comes first, second ...</summary>
    internal NoisyText Permute(NoisyText text, ReadOnlySpan<int> order)
    {
        List<int> ends = Ends(text.Ids);
        if (ends.Count == 0)
            return text;
        List<int> positions = [0];
        foreach (int sentence in order)
        {
            int start = sentence == 0 ? 1 : ends[sentence - 1];
            positions.AddRange(Enumerable.Range(start, ends[sentence] - start));
        }
        // What follows the last end (further stops, the end token) stays where it is.
        positions.AddRange(Enumerable.Range(ends[^1], text.Ids.Length - ends[^1]));
        return text.At(positions);
    }
}
