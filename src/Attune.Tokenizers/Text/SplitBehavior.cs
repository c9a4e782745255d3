using System.Runtime.InteropServices;

namespace Attune.Tokenizers.Text;

/// <summary>What becomes of the delimiters when a text is split.</summary>
internal enum SplitBehavior
{
    /// <summary>They vanish.</summary>
    Removed,

    /// <summary>Each is a piece of its own.</summary>
    Isolated,

    /// <summary>Each ends the piece before it.</summary>
    MergedWithPrevious,

    /// <summary>Each begins the piece after it.</summary>
    MergedWithNext,

    /// <summary>Touching delimiters are one piece.</summary>
    Contiguous,
}

/// <summary>A stretch of a text that a pattern matched, or that lies between matches.</summary>
/// <param name="Start">Its first unit.</param>
/// <param name="End">The unit after its last.</param>
/// <param name="IsDelimiter">Whether the pattern matched it.</param>
internal readonly record struct PatternMatch(int Start, int End, bool IsDelimiter);

/// <summary>Joins matches and what lies between them as a behaviour asks.</summary>
internal static class SplitBehaviors
{
    /// <summary>Turns a gapless list of matches into the pieces to keep, in place.</summary>
    public static void Apply(this SplitBehavior behavior, List<PatternMatch> matches)
    {
        switch (behavior)
        {
            case SplitBehavior.Removed:
                matches.RemoveAll(m => m.IsDelimiter);
                break;
            case SplitBehavior.Contiguous:
                Join(matches, (match, previous) => match.IsDelimiter == previous);
                break;
            case SplitBehavior.MergedWithPrevious:
                Join(matches, (match, previous) => match.IsDelimiter && !previous);
                break;
            case SplitBehavior.MergedWithNext:
                matches.Reverse();
                Join(matches, (match, previous) => match.IsDelimiter && !previous);
                matches.Reverse();
                break;
        }
    }

    // Joins each stretch to the one before it in the list (whichever side of it that lies on) where the test says so.
    private static void Join(List<PatternMatch> matches, Func<PatternMatch, bool, bool> joins)
    {
        var count = 0;
        var previous = false;
        foreach (ref readonly var match in CollectionsMarshal.AsSpan(matches))
        {
            var delimiter = match.IsDelimiter;
            if (count > 0 && joins(match, previous))
                matches[count - 1] = new PatternMatch(Math.Min(matches[count - 1].Start, match.Start), Math.Max(matches[count - 1].End, match.End), false);
            else
                matches[count++] = match;
            previous = delimiter;
        }

        matches.RemoveRange(count, matches.Count - count);
    }
}
