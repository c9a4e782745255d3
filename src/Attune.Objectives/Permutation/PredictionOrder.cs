using Attune.Objectives.Randomness;

namespace Attune.Objectives.Permutation;

/// <summary>In which order tokens are predicted, and who sees whom for it (Yang et al. 2019, arXiv:1906.08237).</summary>
internal static class PredictionOrder
{
    /// <summary>The rank of each token: all stretches of <paramref name="size"/> tokens are put into one random order, place by place.</summary>
    /// <param name="length">The number of tokens.</param>
    /// <param name="size">The length of a stretch; a last one that is shorter keeps the places it has.</param>
    /// <param name="order">A random order of the places of a stretch.</param>
    public static int[] Ranks(int length, int size, ReadOnlySpan<int> order)
    {
        int[] ranks = new int[length];
        int next = 0;
        for (int first = 0; first < length; first += size)
        {
            foreach (int place in order)
            {
                if (first + place < length)
                    ranks[next++] = first + place;
            }
        }
        return ranks;
    }

    /// <summary>Draws the ranks of the tokens of a text.</summary>
    public static int[] Draw(int length, int size, Draws draws)
    {
        int[] order = [.. Enumerable.Range(0, size)];
        draws.Shuffle(order.AsSpan());
        return Ranks(length, size, order);
    }

    /// <summary>
    /// Whether each token sees each other one, <c>[length, length]</c>: all see those that are neither predicted nor special, which see only each
    /// other; the others see those of a lower rank, special ones also themselves.
    /// </summary>
    /// <param name="ranks">The rank of each token.</param>
    /// <param name="targets">Whether a token is predicted.</param>
    /// <param name="special">Whether a token is special.</param>
    /// <param name="visible">Gets the answer, row by row.</param>
    /// <param name="stride">How far apart the rows are there.</param>
    public static void Mark(ReadOnlySpan<int> ranks, ReadOnlySpan<bool> targets, ReadOnlySpan<bool> special, Span<bool> visible, int stride)
    {
        for (int i = 0; i < ranks.Length; i++)
        {
            bool open = !targets[i] && !special[i];
            // A special token is itself below the rank that it may look up to.
            int own = open ? 0 : targets[i] ? ranks[i] : ranks[i] + 1;
            for (int j = 0; j < ranks.Length; j++)
                visible[i * stride + j] = (!targets[j] && !special[j]) || own > ranks[j];
        }
    }
}
