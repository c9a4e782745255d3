namespace Attune.Tokenizers.Unicode;

/// <summary>An immutable set of Unicode code points that answers in two array reads.</summary>
internal sealed class CodePointSet
{
    private const int PageBits = 8;
    private const int PageWords = 1 << (PageBits - 6);
    private const int MaxCodePoint = 0x10FFFF;

    // Pages that say the same (all in, all out) share their words, so a set of a few ranges takes a few kilobytes.
    private readonly ushort[] _pages;
    private readonly ulong[] _words;

    /// <summary>Makes the set from ranges, which may overlap and come in any order.</summary>
    public CodePointSet(IEnumerable<(int First, int Last)> ranges)
    {
        Ranges = Merge(ranges);
        _pages = new ushort[Ranges.Length == 0 ? 0 : (Ranges[^1].Last >> PageBits) + 1];
        var words = new List<ulong>(new ulong[PageWords]);
        var full = -1;
        Span<ulong> page = stackalloc ulong[PageWords];
        var next = 0;
        for (var index = 0; index < _pages.Length; index++)
        {
            var low = index << PageBits;
            var high = low + (1 << PageBits) - 1;
            while (next < Ranges.Length && Ranges[next].Last < low) next++;
            if (next == Ranges.Length || Ranges[next].First > high) continue;
            if (Ranges[next].First <= low && Ranges[next].Last >= high)
            {
                if (full < 0)
                {
                    full = words.Count / PageWords;
                    for (var i = 0; i < PageWords; i++) words.Add(ulong.MaxValue);
                }

                _pages[index] = (ushort)full;
                continue;
            }

            page.Clear();
            for (var r = next; r < Ranges.Length && Ranges[r].First <= high; r++)
            {
                for (var c = Math.Max(low, Ranges[r].First); c <= Math.Min(high, Ranges[r].Last); c++) page[(c - low) >> 6] |= 1UL << (c & 63);
            }

            _pages[index] = (ushort)(words.Count / PageWords);
            foreach (var word in page) words.Add(word);
        }

        _words = [.. words];
    }

    /// <summary>The set of all code points for which a test holds.</summary>
    public static CodePointSet Where(Func<int, bool> test)
    {
        var ranges = new List<(int, int)>();
        var start = -1;
        for (var c = 0; c <= MaxCodePoint + 1; c++)
        {
            var inside = c <= MaxCodePoint && test(c);
            if (inside && start < 0) start = c;
            if (inside || start < 0) continue;
            ranges.Add((start, c - 1));
            start = -1;
        }

        return new CodePointSet(ranges);
    }

    /// <summary>The ranges of the set: ascending, apart from each other.</summary>
    public (int First, int Last)[] Ranges { get; }

    /// <summary>Whether a code point belongs to the set.</summary>
    /// <param name="codePoint">0 to 10FFFF.</param>
    public bool Contains(int codePoint)
    {
        var pages = _pages;
        var page = codePoint >> PageBits;
        return page < pages.Length && (_words[(pages[page] * PageWords) + ((codePoint >> 6) & (PageWords - 1))] >> (codePoint & 63) & 1) != 0;
    }

    /// <summary>Everything that this set lacks.</summary>
    public CodePointSet Complement()
    {
        var ranges = new List<(int, int)>(Ranges.Length + 1);
        var start = 0;
        foreach (var (first, last) in Ranges)
        {
            if (first > start) ranges.Add((start, first - 1));
            start = last + 1;
        }

        if (start <= MaxCodePoint) ranges.Add((start, MaxCodePoint));
        return new CodePointSet(ranges);
    }

    /// <summary>What is in either set.</summary>
    public CodePointSet Union(CodePointSet other) => new(Ranges.Concat(other.Ranges));

    /// <summary>What is in both sets.</summary>
    public CodePointSet Intersect(CodePointSet other) => Complement().Union(other.Complement()).Complement();

    private static (int First, int Last)[] Merge(IEnumerable<(int First, int Last)> ranges)
    {
        var merged = new List<(int First, int Last)>();
        foreach (var range in ranges.Order())
        {
            if (merged.Count > 0 && range.First <= merged[^1].Last + 1) merged[^1] = (merged[^1].First, Math.Max(merged[^1].Last, range.Last));
            else merged.Add(range);
        }

        return [.. merged];
    }
}
