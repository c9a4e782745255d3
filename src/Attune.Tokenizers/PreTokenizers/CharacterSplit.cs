using Attune.Tokenizers.Text;

namespace Attune.Tokenizers.PreTokenizers;

/// <summary>Splitting at characters for which a test holds.</summary>
internal static class CharacterSplit
{
    /// <summary>Splits every piece.</summary>
    /// <param name="text">The text.</param>
    /// <param name="isDelimiter">The test for a delimiter, by code point.</param>
    /// <param name="behavior">What becomes of delimiters.</param>
    public static void Apply(PreTokenizedText text, Func<int, bool> isDelimiter, SplitBehavior behavior)
    {
        var matches = text.Matches;
        var cutter = text.Cut();
        while (cutter.MoveNext(out var chars))
        {
            Find(chars, isDelimiter, matches);
            behavior.Apply(matches);
            foreach (var match in matches) cutter.Keep(match.Start, match.End);
        }
    }

    private static void Find(ReadOnlySpan<char> chars, Func<int, bool> isDelimiter, List<PatternMatch> matches)
    {
        matches.Clear();
        var covered = 0;
        var at = 0;
        foreach (var rune in chars.EnumerateRunes())
        {
            var end = at + rune.Utf16SequenceLength;
            if (isDelimiter(rune.Value))
            {
                if (covered < at) matches.Add(new PatternMatch(covered, at, false));
                matches.Add(new PatternMatch(at, end, true));
                covered = end;
            }

            at = end;
        }

        if (covered < at) matches.Add(new PatternMatch(covered, at, false));
    }
}
