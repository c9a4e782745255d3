namespace Attune.Tokenizers.Trainers;

/// <summary>
/// Finds the substrings that occur more than once and are followed by different characters: the inner nodes of the suffix tree over
/// all words, up to a length.
/// </summary>
internal static class FrequentSubstrings
{
    /// <summary>Lists substrings of at least two code points with the number of places where they occur.</summary>
    /// <param name="text">Code points, each word followed by a 0; substrings with a 0 are left out.</param>
    /// <param name="maxLength">The greatest length in code points.</param>
    public static List<(int Start, int Length, int Count)> Find(int[] text, int maxLength)
    {
        // Longer common prefixes than this make no difference to which nodes of the wanted lengths there are.
        var depth = maxLength + 1;
        var suffixes = new int[text.Length];
        for (var i = 0; i < suffixes.Length; i++) suffixes[i] = i;
        Array.Sort(suffixes, (a, b) => Compare(text, a, b, depth));
        var found = new List<(int, int, int)>();
        var open = new Stack<(int Depth, int Left)>();
        open.Push((0, 0));
        for (var i = 1; i <= suffixes.Length; i++)
        {
            var common = i < suffixes.Length ? CommonPrefix(text, suffixes[i - 1], suffixes[i], depth) : 0;
            var left = i - 1;
            while (open.Peek().Depth > common)
            {
                (var length, left) = open.Pop();
                var start = suffixes[left];
                if (length >= 2 && length <= maxLength && !text.AsSpan(start, length).Contains(0)) found.Add((start, length, i - left));
            }

            if (open.Peek().Depth < common) open.Push((common, left));
        }

        return found;
    }

    private static int Compare(int[] text, int a, int b, int depth)
    {
        if (a == b) return 0;
        var common = CommonPrefix(text, a, b, depth);
        if (common == depth) return a.CompareTo(b);
        if (a + common == text.Length) return -1;
        if (b + common == text.Length) return 1;
        return text[a + common].CompareTo(text[b + common]);
    }

    private static int CommonPrefix(int[] text, int a, int b, int depth)
    {
        ReadOnlySpan<int> left = text.AsSpan(a, Math.Min(depth, text.Length - a));
        return left.CommonPrefixLength(text.AsSpan(b, Math.Min(depth, text.Length - b)));
    }
}
