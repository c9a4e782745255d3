using Attune.Objectives.Randomness;

namespace Attune.Objectives.SequenceToSequence;

/// <summary>
/// Replaces runs of whole words, of lengths from a Poisson distribution, by one mask each; runs of length zero put a mask where
/// nothing was missing.
/// </summary>
/// <param name="MaskId">The mask.</param>
/// <param name="Share">The share of words that are hidden.</param>
/// <param name="MeanLength">The mean length of a run, in words.</param>
public sealed record TextInfilling(int MaskId, double Share = 0.3, double MeanLength = 3.5) : INoise
{
    private const int LongestRun = 128;

    /// <inheritdoc/>
    public NoisyText Apply(NoisyText text, Draws draws)
    {
        int[] words = [.. Enumerable.Range(0, text.Ids.Length).Where(i => text.WordStarts[i])];
        int budget = (int)Math.Ceiling(words.Length * Share);
        if (budget == 0)
            return text;
        double[] poisson = Poisson();
        List<int> lengths = [.. Trim(() => draws.Weighted(poisson), budget)];
        int inserted = lengths.RemoveAll(length => length == 0);
        draws.Shuffle(words.AsSpan());
        int runs = Math.Min(lengths.Count, words.Length);
        NoisyText filled = Fill(text, words.AsSpan(0, runs), [.. lengths.Take(runs)]);

        int final = filled.Ids.Length + inserted;
        int[] places = [.. Enumerable.Range(1, final - 2)];
        draws.Shuffle(places.AsSpan());
        return Insert(filled, places.AsSpan(0, inserted));
    }

    /// <summary>Draws lengths until they hide enough words, and cuts the last one to fit.</summary>
    /// <param name="draw">Draws a length; asked as many times as there are words to hide, then on while the sum is too small.</param>
    /// <param name="budget">How many words to hide.</param>
    internal static List<int> Trim(Func<int> draw, int budget)
    {
        List<int> lengths = [.. Enumerable.Range(0, budget).Select(_ => draw())];
        while (lengths.Sum() < budget)
            lengths.Add(draw());
        int sum = 0, kept = 0;
        while (sum < budget)
            sum += lengths[kept++];
        lengths.RemoveRange(kept, lengths.Count - kept);
        lengths[^1] -= sum - budget;
        return lengths;
    }

    /// <summary>Puts a mask at each start and deletes the rest of its words. A start that another run deletes loses its mask.</summary>
    internal NoisyText Fill(NoisyText text, ReadOnlySpan<int> starts, ReadOnlySpan<int> words)
    {
        int[] ids = [.. text.Ids];
        bool[] kept = new bool[ids.Length];
        Array.Fill(kept, true);
        for (int run = 0; run < starts.Length; run++)
        {
            ids[starts[run]] = MaskId;
            int left = words[run] - 1;
            for (int i = starts[run] + 1; i < ids.Length - 1; i++)
            {
                left -= text.WordStarts[i] ? 1 : 0;
                if (left < 0)
                    break;
                kept[i] = false;
            }
        }
        return new NoisyText(ids, text.WordStarts).At([.. Enumerable.Range(0, ids.Length).Where(i => kept[i])]);
    }

    /// <summary>Puts masks at positions of the text as it will be then.</summary>
    internal NoisyText Insert(NoisyText text, ReadOnlySpan<int> positions)
    {
        HashSet<int> masks = [.. positions];
        List<int> ids = [];
        List<bool> starts = [];
        int next = 0;
        for (int i = 0; i < text.Ids.Length + masks.Count; i++)
        {
            bool mask = masks.Contains(i);
            ids.Add(mask ? MaskId : text.Ids[next]);
            starts.Add(mask || text.WordStarts[next]);
            next += mask ? 0 : 1;
        }
        return new NoisyText([.. ids], [.. starts]);
    }

    private double[] Poisson()
    {
        double[] probabilities = new double[LongestRun];
        double probability = Math.Exp(-MeanLength), sum = 0;
        for (int length = 0; length < LongestRun; length++)
        {
            probabilities[length] = probability;
            sum += probability;
            probability *= MeanLength / (length + 1);
        }
        for (int length = 0; length < LongestRun; length++)
            probabilities[length] /= sum;
        return probabilities;
    }
}
