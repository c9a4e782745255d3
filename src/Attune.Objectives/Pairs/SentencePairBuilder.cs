using Attune.Nn.Contracts;

namespace Attune.Objectives.Pairs;

/// <summary>The special tokens around two sequences: [CLS] first [SEP] second [SEP].</summary>
/// <param name="ClsId">The token before both.</param>
/// <param name="SepId">The token after each.</param>
public sealed record SentencePairBuilder(int ClsId, int SepId)
{
    /// <summary>The special tokens of a pair.</summary>
    public const int SpecialTokens = 3;

    /// <summary>Puts two sequences together.</summary>
    /// <param name="first">The first sequence.</param>
    /// <param name="second">The second sequence.</param>
    /// <param name="label">The example's class.</param>
    public Example Build(ReadOnlySpan<int> first, ReadOnlySpan<int> second, int label)
    {
        int[] ids = [ClsId, .. first, SepId, .. second, SepId];
        int[] types = new int[ids.Length];
        types.AsSpan(first.Length + 2).Fill(1);
        bool[] special = new bool[ids.Length];
        special[0] = special[first.Length + 1] = special[^1] = true;
        return new Example { Ids = ids, TypeIds = types, Special = special, Label = label };
    }

    /// <summary>
    /// Shortens two sequences until both together have at most <paramref name="most"/> tokens: always the longer one (the second if
    /// they are equal), from its front or its back at random (Devlin et al. 2019, their published program).
    /// </summary>
    /// <param name="first">The first sequence; changed in place.</param>
    /// <param name="second">The second sequence; changed in place.</param>
    /// <param name="most">The tokens that may stay.</param>
    /// <param name="fromFront">Says for each token whether it is taken from the front.</param>
    public static void Truncate(List<int> first, List<int> second, int most, Func<bool> fromFront)
    {
        while (first.Count + second.Count > most)
        {
            List<int> longer = first.Count > second.Count ? first : second;
            longer.RemoveAt(fromFront() ? 0 : longer.Count - 1);
        }
    }

    /// <summary>
    /// Sentence order prediction (Lan et al. 2020, arXiv:1909.11942): neighbouring segments of one document, cut in two, and half of the time
    /// swapped (class 1).
    /// </summary>
    /// <param name="segments">At least two neighbouring segments.</param>
    /// <param name="firstEnd">The number of segments in the first part.</param>
    /// <param name="swapped">Whether the parts change places.</param>
    /// <param name="most">The tokens of both together, special ones not counted.</param>
    /// <param name="fromFront">See <see cref="Truncate"/>.</param>
    public Example SentenceOrder(IReadOnlyList<int[]> segments, int firstEnd, bool swapped, int most, Func<bool> fromFront)
    {
        List<int> first = [.. segments.Take(firstEnd).SelectMany(s => s)], second = [.. segments.Skip(firstEnd).SelectMany(s => s)];
        if (swapped)
            (first, second) = (second, first);
        Truncate(first, second, most, fromFront);
        return Build([.. first], [.. second], swapped ? 1 : 0);
    }
}
