namespace Attune.Tokenizers.Trainers;

/// <summary>The suffixes of a text in lexicographic order, by induced sorting in linear time.</summary>
/// <remarks>
/// Nong, Zhang and Chan, "Two efficient algorithms for linear time suffix array construction", 2011. A suffix that is a beginning of
/// another comes before it.
/// </remarks>
internal static class SuffixArray
{
    private const int Empty = -1;

    /// <summary>Sorts the suffixes of a text.</summary>
    /// <param name="text">The text, as numbers of at least 0; they may be any, such as code points.</param>
    /// <returns>Where the suffixes start, smallest suffix first.</returns>
    public static int[] Build(ReadOnlySpan<int> text)
    {
        var (ranks, alphabet) = Rank(text);
        var suffixes = new int[text.Length];
        Sort(ranks, suffixes, alphabet);
        return suffixes;
    }

    /// <summary>How many characters each suffix shares with the one before it in the order; 0 for the first.</summary>
    /// <remarks>Kasai et al., "Linear-time longest-common-prefix computation in suffix arrays", 2001.</remarks>
    public static int[] CommonPrefixes(ReadOnlySpan<int> text, ReadOnlySpan<int> suffixes)
    {
        var places = new int[text.Length];
        for (var i = 0; i < suffixes.Length; i++) places[suffixes[i]] = i;
        var common = new int[text.Length];
        var length = 0;
        for (var start = 0; start < text.Length; start++)
        {
            if (places[start] == 0)
            {
                length = 0;
                continue;
            }

            var before = suffixes[places[start] - 1];
            while (start + length < text.Length && before + length < text.Length && text[start + length] == text[before + length]) length++;
            common[places[start]] = length;
            if (length > 0) length--;
        }

        return common;
    }

    // Characters by their place among those that occur, so that buckets are as many as there are characters.
    private static (int[] Ranks, int Alphabet) Rank(ReadOnlySpan<int> text)
    {
        var characters = new SortedSet<int>();
        var seen = new HashSet<int>();
        foreach (var c in text)
        {
            if (seen.Add(c)) characters.Add(c);
        }

        var rankOf = new Dictionary<int, int>(characters.Count);
        foreach (var c in characters) rankOf[c] = rankOf.Count;
        var ranks = new int[text.Length];
        for (var i = 0; i < ranks.Length; i++) ranks[i] = rankOf[text[i]];
        return (ranks, rankOf.Count);
    }

    private static void Sort(int[] text, int[] suffixes, int alphabet)
    {
        if (text.Length == 0) return;
        var smaller = Types(text);
        var sizes = new int[alphabet];
        foreach (var c in text) sizes[c]++;
        var buckets = new int[alphabet];

        // First the leftmost smaller suffixes in any order, which sorts the stretches between them.
        Array.Fill(suffixes, Empty);
        Ends(sizes, buckets);
        for (var i = 1; i < text.Length; i++)
        {
            if (IsLeftmost(smaller, i)) suffixes[--buckets[text[i]]] = i;
        }

        Induce(text, suffixes, smaller, sizes, buckets);
        var stretches = Stretches(text, suffixes, smaller, out var names, out var distinct);

        // Then those suffixes in their right order, found from the sorted stretches.
        var order = new int[stretches.Length];
        if (distinct == stretches.Length)
        {
            for (var i = 0; i < names.Length; i++) order[names[i]] = i;
        }
        else
        {
            Sort(names, order, distinct);
        }

        Array.Fill(suffixes, Empty);
        Ends(sizes, buckets);
        for (var i = order.Length - 1; i >= 0; i--)
        {
            var start = stretches[order[i]];
            suffixes[--buckets[text[start]]] = start;
        }

        Induce(text, suffixes, smaller, sizes, buckets);
    }

    // Whether each suffix is smaller than the next one; the empty suffix behind the text is smaller than all.
    private static bool[] Types(int[] text)
    {
        var smaller = new bool[text.Length];
        for (var i = text.Length - 2; i >= 0; i--) smaller[i] = text[i] < text[i + 1] || (text[i] == text[i + 1] && smaller[i + 1]);
        return smaller;
    }

    private static bool IsLeftmost(bool[] smaller, int i) => i > 0 && smaller[i] && !smaller[i - 1];

    // Names the stretches from one leftmost smaller suffix to the next by their order; equal ones share a name.
    private static int[] Stretches(int[] text, int[] suffixes, bool[] smaller, out int[] names, out int distinct)
    {
        var nameAt = new int[text.Length];
        distinct = 0;
        var (count, before) = (0, Empty);
        foreach (var start in suffixes)
        {
            if (!IsLeftmost(smaller, start)) continue;
            if (before == Empty || !SameStretch(text, smaller, before, start)) distinct++;
            nameAt[start] = distinct - 1;
            before = start;
            count++;
        }

        var stretches = new int[count];
        names = new int[count];
        for (int i = 1, at = 0; i < text.Length; i++)
        {
            if (!IsLeftmost(smaller, i)) continue;
            (stretches[at], names[at]) = (i, nameAt[i]);
            at++;
        }

        return stretches;
    }

    private static bool SameStretch(int[] text, bool[] smaller, int a, int b)
    {
        for (var i = 0; ; i++)
        {
            if (a + i == text.Length || b + i == text.Length) return false;
            if (text[a + i] != text[b + i] || smaller[a + i] != smaller[b + i]) return false;
            if (i > 0 && (IsLeftmost(smaller, a + i) || IsLeftmost(smaller, b + i))) return IsLeftmost(smaller, a + i) && IsLeftmost(smaller, b + i);
        }
    }

    // From the leftmost smaller suffixes: greater ones from left to right, then smaller ones from right to left.
    private static void Induce(int[] text, int[] suffixes, bool[] smaller, int[] sizes, int[] buckets)
    {
        Starts(sizes, buckets);
        // The last suffix follows from the empty one behind it.
        suffixes[buckets[text[^1]]++] = text.Length - 1;
        for (var i = 0; i < suffixes.Length; i++)
        {
            var before = suffixes[i] - 1;
            if (before >= 0 && !smaller[before]) suffixes[buckets[text[before]]++] = before;
        }

        Ends(sizes, buckets);
        for (var i = suffixes.Length - 1; i >= 0; i--)
        {
            var before = suffixes[i] - 1;
            if (before >= 0 && smaller[before]) suffixes[--buckets[text[before]]] = before;
        }
    }

    private static void Starts(int[] sizes, int[] buckets)
    {
        var sum = 0;
        for (var c = 0; c < sizes.Length; c++)
        {
            buckets[c] = sum;
            sum += sizes[c];
        }
    }

    private static void Ends(int[] sizes, int[] buckets)
    {
        var sum = 0;
        for (var c = 0; c < sizes.Length; c++)
        {
            sum += sizes[c];
            buckets[c] = sum;
        }
    }
}
