namespace Attune.Tokenizers.Trainers;

/// <summary>A substring that occurs more than once and is followed by different characters: an inner node of the suffix tree.</summary>
/// <param name="Start">Where it occurs; of several places, that of the smallest suffix.</param>
/// <param name="Length">How long it is.</param>
/// <param name="Count">In how many places it occurs.</param>
internal readonly record struct RepeatedSubstring(int Start, int Length, int Count);

/// <summary>Lists the inner nodes of a text's suffix tree but for its root.</summary>
internal static class RepeatedSubstrings
{
    /// <summary>Every repeated substring, smallest suffixes first.</summary>
    /// <param name="text">The text, as numbers of at least 0.</param>
    public static IEnumerable<RepeatedSubstring> Find(int[] text)
    {
        var suffixes = SuffixArray.Build(text);
        var common = SuffixArray.CommonPrefixes(text, suffixes);
        var open = new Stack<(int Length, int Left)>();
        open.Push((0, 0));
        for (var i = 1; i <= suffixes.Length; i++)
        {
            var shared = i < suffixes.Length ? common[i] : 0;
            var left = i - 1;
            while (open.Peek().Length > shared)
            {
                (var length, left) = open.Pop();
                yield return new RepeatedSubstring(suffixes[left], length, i - left);
            }

            if (open.Peek().Length < shared) open.Push((shared, left));
        }
    }
}
