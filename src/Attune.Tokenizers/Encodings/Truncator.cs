namespace Attune.Tokenizers;

/// <summary>Cuts sequences to a length, keeping what is cut off as windows.</summary>
internal static class Truncator
{
    /// <summary>Cuts the one or two sequences of an encoding.</summary>
    /// <param name="drafts">The sequences; changed in place.</param>
    /// <param name="truncation">What is asked for.</param>
    /// <param name="added">How many special tokens will come on top.</param>
    /// <exception cref="TokenizationException">The request cannot be met.</exception>
    public static void Apply(EncodingDraft[] drafts, Truncation truncation, int added)
    {
        if (truncation.Stride < 0) throw new TokenizationException($"Truncation: the stride is {truncation.Stride}; it must not be negative.");
        var room = truncation.MaxLength - added;
        if (room < 0) throw new TokenizationException($"Truncation: a length of {truncation.MaxLength} does not even hold the {added} special tokens. Ask for a greater length.");
        var total = drafts.Sum(d => d.Columns.Length);
        if (room == 0)
        {
            for (var i = 0; i < drafts.Length; i++) drafts[i] = Cut(drafts[i].Columns, 0, truncation);
            return;
        }

        if (total <= room) return;
        if (truncation.Strategy == TruncationStrategy.LongestFirst)
        {
            CutLongest(drafts, truncation, room);
            return;
        }

        var target = truncation.Strategy == TruncationStrategy.OnlyFirst ? 0 : 1;
        if (target == drafts.Length) throw new TokenizationException("Truncation: only the second sequence may be cut, but there is none.");
        var left = drafts[target].Columns.Length - (total - room);
        if (left <= 0) throw new TokenizationException($"Truncation: the {(target == 0 ? "first" : "second")} sequence is too short to cut the encoding to {truncation.MaxLength} tokens.");
        drafts[target] = Cut(drafts[target].Columns, left, truncation);
    }

    // Both get half of the room where both are longer than that; otherwise the shorter one stays whole.
    private static void CutLongest(EncodingDraft[] drafts, Truncation truncation, int room)
    {
        if (drafts.Length == 1)
        {
            drafts[0] = Cut(drafts[0].Columns, room, truncation);
            return;
        }

        var (shorter, longer) = drafts[0].Columns.Length > drafts[1].Columns.Length ? (1, 0) : (0, 1);
        var few = drafts[shorter].Columns.Length;
        var many = few > room ? few : Math.Max(few, room - few);
        if (few + many > room)
        {
            few = room / 2;
            many = few + (room % 2);
        }

        drafts[shorter] = Cut(drafts[shorter].Columns, few, truncation);
        drafts[longer] = Cut(drafts[longer].Columns, many, truncation);
    }

    private static EncodingDraft Cut(EncodingColumns columns, int length, Truncation truncation)
    {
        if (length >= columns.Length) return new EncodingDraft(columns);
        if (length == 0) return new EncodingDraft(EncodingColumns.Empty, [columns]);
        if (truncation.Stride >= length)
            throw new TokenizationException($"Truncation: the stride {truncation.Stride} must be below the {length} tokens that are left of the sequence.");
        var windows = Windows(columns.Length, length, length - truncation.Stride, truncation.Side).Select(w => columns.Slice(w.Start, w.End)).ToArray();
        return new EncodingDraft(windows[0], windows[1..]);
    }

    private static IEnumerable<(int Start, int End)> Windows(int total, int length, int step, SequenceSide side)
    {
        if (side == SequenceSide.Right)
        {
            for (var start = 0; ; start += step)
            {
                var end = Math.Min(start + length, total);
                yield return (start, end);
                if (end == total) yield break;
            }
        }

        for (var end = total; ; end -= step)
        {
            var start = Math.Max(0, end - length);
            yield return (start, end);
            if (start == 0) yield break;
        }
    }
}
