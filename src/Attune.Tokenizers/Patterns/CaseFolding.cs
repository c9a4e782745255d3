using System.Text;
using Attune.Tokenizers.Unicode;

namespace Attune.Tokenizers.Patterns;

/// <summary>Which code points count as the same letter where case is ignored.</summary>
internal static class CaseFolding
{
    private static readonly Lazy<(Dictionary<int, int> Folds, CodePointSet Cased)> Tables = new(Load);

    /// <summary>A set and every code point that differs from a member only by case.</summary>
    public static CodePointSet Close(CodePointSet set)
    {
        var folds = Tables.Value.Folds;
        var wanted = new HashSet<int>();
        foreach (var (first, last) in set.Intersect(Tables.Value.Cased).Ranges)
        {
            for (var c = first; c <= last; c++) wanted.Add(folds[c]);
        }

        return set.Union(new CodePointSet(folds.Where(f => wanted.Contains(f.Value)).Select(f => (f.Key, f.Key))));
    }

    /// <summary>Whether two code points are the same letter.</summary>
    public static bool Same(int a, int b) =>
        a == b || (Tables.Value.Folds.TryGetValue(a, out var x) && Tables.Value.Folds.TryGetValue(b, out var y) && x == y);

    private static (Dictionary<int, int>, CodePointSet) Load()
    {
        // Pairs that the runtime's case mapping leaves out: long s, sharp S, the Kelvin, Angstrom and Ohm signs, iota below.
        var folds = new Dictionary<int, int>
        {
            [0x17F] = 's',
            [0x1E9E] = 0xDF,
            [0xDF] = 0xDF,
            [0x212A] = 'k',
            [0x212B] = 0xE5,
            [0x2126] = 0x3C9,
            [0x345] = 0x3B9,
            [0x1FBE] = 0x3B9,
        };
        for (var c = 0; c <= 0x1FFFF; c++)
        {
            if (c is >= 0xD800 and <= 0xDFFF || folds.ContainsKey(c)) continue;
            var rune = new Rune(c);
            var fold = Rune.ToLowerInvariant(Rune.ToUpperInvariant(rune)).Value;
            if (fold == c && Rune.ToUpperInvariant(rune).Value == c) continue;
            folds[c] = fold;
        }

        return (folds, new CodePointSet(folds.Keys.Select(c => (c, c))));
    }
}
