using System.Globalization;

namespace Attune.Tokenizers.Unicode;

/// <summary>Unicode's decompositions, compositions and combining classes (Unicode 9, as the published tokenizers carry them).</summary>
/// <remarks>
/// The runtime's own normalization does nothing in invariant globalization mode, and tells neither which character came from
/// which nor the combining classes, so the tables are our own.
/// </remarks>
internal static class NormalizationTables
{
    private const int HangulBase = 0xAC00;
    private const int LeadBase = 0x1100;
    private const int VowelBase = 0x1161;
    private const int TailBase = 0x11A7;
    private const int VowelCount = 21;
    private const int TailCount = 28;
    private const int HangulCount = 19 * VowelCount * TailCount;

    private static readonly Dictionary<int, int[]> Canonical = [];
    private static readonly Dictionary<int, int[]> Compatibility = [];
    private static readonly Dictionary<long, int> Compositions = [];
    private static readonly Dictionary<int, byte> Classes = [];
    private static readonly CodePointSet Affected = Load();

    /// <summary>Whether normalization can change a code point or what stands around it; false for most text.</summary>
    public static bool IsAffected(int codePoint) => codePoint >= 0xA0 && Affected.Contains(codePoint);

    /// <summary>The canonical combining class; 0 for characters that start a sequence.</summary>
    public static int CombiningClass(int codePoint) =>
        codePoint >= 0x300 && Affected.Contains(codePoint) && Classes.TryGetValue(codePoint, out var value) ? value : 0;

    /// <summary>Writes the full decomposition of a code point.</summary>
    /// <param name="codePoint">The code point.</param>
    /// <param name="compatible">Whether compatibility decompositions count.</param>
    /// <param name="destination">Room for 18 code points, the longest decomposition.</param>
    /// <returns>How many were written; 1, the code point itself, where it has none.</returns>
    public static int Decompose(int codePoint, bool compatible, Span<int> destination)
    {
        if ((uint)(codePoint - HangulBase) < HangulCount)
        {
            var index = codePoint - HangulBase;
            destination[0] = LeadBase + (index / (VowelCount * TailCount));
            destination[1] = VowelBase + (index % (VowelCount * TailCount) / TailCount);
            var tail = index % TailCount;
            if (tail == 0) return 2;
            destination[2] = TailBase + tail;
            return 3;
        }

        if (IsAffected(codePoint) && ((compatible && Compatibility.TryGetValue(codePoint, out var parts)) || Canonical.TryGetValue(codePoint, out parts)))
        {
            parts.CopyTo(destination);
            return parts.Length;
        }

        destination[0] = codePoint;
        return 1;
    }

    /// <summary>The character that two make together, or -1.</summary>
    public static int Compose(int first, int second)
    {
        if ((uint)(first - LeadBase) < 19 && (uint)(second - VowelBase) < VowelCount)
            return HangulBase + ((((first - LeadBase) * VowelCount) + second - VowelBase) * TailCount);
        if ((uint)(first - HangulBase) < HangulCount && (first - HangulBase) % TailCount == 0 && second > TailBase && second < TailBase + TailCount)
            return first + second - TailBase;
        return Compositions.TryGetValue(((long)first << 32) | (uint)second, out var composed) ? composed : -1;
    }

    private static CodePointSet Load()
    {
        var affected = new List<(int, int)> { (HangulBase, HangulBase + HangulCount - 1), (LeadBase, 0x11FF) };
        var primary = new List<int>();
        foreach (var line in UnicodeResource.Lines("decompositions.txt"))
        {
            var sign = line.AsSpan().IndexOfAny('=', '~');
            var codePoint = UnicodeResource.CodePoint(line.AsSpan(0, sign));
            var excluded = line[sign + 1] == '!';
            var parts = line[(sign + (excluded ? 2 : 1))..].Split(' ').Select(p => UnicodeResource.CodePoint(p)).ToArray();
            (line[sign] == '=' ? Canonical : Compatibility)[codePoint] = parts;
            if (line[sign] == '=' && !excluded) primary.Add(codePoint);
            affected.Add((codePoint, codePoint));
        }

        foreach (var line in UnicodeResource.Lines("combining-classes.txt"))
        {
            var parts = line.Split('=');
            var range = UnicodeResource.Range(parts[0]);
            affected.Add(range);
            for (var c = range.First; c <= range.Last; c++) Classes[c] = byte.Parse(parts[1], CultureInfo.InvariantCulture);
        }

        LinkCompositions(primary, affected);
        return new CodePointSet(affected);
    }

    // The table holds full decompositions; a composition step joins the last character to whatever the others compose to.
    private static void LinkCompositions(List<int> primary, List<(int, int)> affected)
    {
        var bySequence = new Dictionary<string, int>();
        foreach (var c in primary) bySequence[Key(Canonical[c])] = c;
        foreach (var c in primary)
        {
            var parts = Canonical[c];
            var head = parts.AsSpan(0, parts.Length - 1);
            if (head.Length == 0) continue;
            var first = head.Length == 1 ? head[0] : bySequence.GetValueOrDefault(Key(head), -1);
            if (first < 0) continue;
            Compositions[((long)first << 32) | (uint)parts[^1]] = c;
            affected.Add((parts[^1], parts[^1]));
        }

        static string Key(ReadOnlySpan<int> parts)
        {
            var builder = new System.Text.StringBuilder();
            foreach (var part in parts) builder.Append(char.ConvertFromUtf32(part));
            return builder.ToString();
        }
    }
}
