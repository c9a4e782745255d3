using System.Globalization;
using System.Text;
using Attune.Tokenizers.Unicode;

namespace Attune.Tokenizers.Normalizers;

/// <summary>The normalization rules that SentencePiece carries, by name; made from Unicode's tables (Unicode 17).</summary>
internal static class NormalizationRules
{
    private const int LongestDecomposition = 18;

    private static readonly string[] CaseFolded = ["nmt_nfkc_cf", "nfkc_cf"];
    private static readonly Dictionary<int, string> Decompositions = [];
    private static readonly Dictionary<(int, int), int> Compositions = [];
    private static readonly Dictionary<string, Lazy<CharacterMap>> Maps;

    static NormalizationRules()
    {
        LoadLater();
        Maps = new[] { "nmt_nfkc", "nfkc" }.Concat(CaseFolded).ToDictionary(name => name, name => new Lazy<CharacterMap>(() => Build(name)));
    }

    /// <summary>The names; <c>identity</c> is the one without any rule.</summary>
    public static IReadOnlyCollection<string> Names => ["identity", .. Maps.Keys];

    /// <summary>The rules of a name; null for <c>identity</c>.</summary>
    /// <exception cref="ArgumentException">There are none of this name.</exception>
    public static CharacterMap? Find(string name)
    {
        if (name == "identity") return null;
        return Maps.TryGetValue(name, out var map) ? map.Value : throw new ArgumentException($"'{name}' names no normalization rules; there are {string.Join(", ", Names)}.", nameof(name));
    }

    private static CharacterMap Build(string name)
    {
        var rules = Compatible();
        if (name.StartsWith("nmt", StringComparison.Ordinal)) AddCleaning(rules);
        rules = WithoutRedundant(rules);
        if (CaseFolded.Contains(name))
        {
            Fold(rules);
            rules = WithoutRedundant(rules);
        }

        return CharacterMapCompiler.Compile(rules);
    }

    // Every character and every short sequence that NFKC changes.
    private static Dictionary<string, string> Compatible()
    {
        var rules = new Dictionary<string, string>();
        var sequences = new HashSet<string>();
        var originals = new Dictionary<int, List<string>>();
        foreach (var rune in Characters())
        {
            var text = rune.ToString();
            var decomposed = Decompose(rune.Value);
            var composed = Compose(decomposed);
            if (composed != text) rules[text] = composed;
            if (char.IsHighSurrogate(decomposed[0]) ? decomposed.Length == 2 : decomposed.Length == 1)
            {
                var single = char.ConvertToUtf32(decomposed, 0);
                if (!originals.TryGetValue(single, out var list)) originals[single] = list = [];
                list.Add(text);
            }
            else
            {
                sequences.Add(decomposed);
            }
        }

        foreach (var sequence in sequences)
        {
            var composed = Compose(sequence);
            if (composed == sequence) continue;
            List<string> spellings = [""];
            foreach (var rune in sequence.EnumerateRunes()) spellings = [.. spellings.SelectMany(s => originals[rune.Value], (head, tail) => head + tail)];
            foreach (var spelling in spellings)
            {
                if (spelling != composed) rules[spelling] = composed;
            }
        }

        return rules;
    }

    // What machine translation treats as spaces, and control characters that it drops. The full-width tilde stays: Japanese tells it
    // from the other one.
    private static void AddCleaning(Dictionary<string, string> rules)
    {
        foreach (var c in "\t\n\f\r\u061C\u1680\u200B\u200C\u200E\u200F\u2028\u2029\u2581\uFEFF\uFFFD") rules[c.ToString()] = " ";
        for (var c = '\x1'; c < ' '; c++) rules.TryAdd(c.ToString(), "");
        foreach (var c in "\x7F\x8F\x9F") rules[c.ToString()] = "";
        rules.Remove("\uFF5E");
    }

    private static void Fold(Dictionary<string, string> rules)
    {
        var folding = new Dictionary<int, int>();
        foreach (var line in UnicodeResource.Lines("case-folding.txt"))
        {
            var parts = line.Split(' ');
            var first = UnicodeResource.CodePoint(parts[0]);
            var numbers = parts.Skip(1).Select(p => int.Parse(p, CultureInfo.InvariantCulture)).ToArray();
            for (var i = 0; i < numbers[0]; i++) folding[first + (i * numbers[1])] = first + (i * numbers[1]) + numbers[2];
        }

        foreach (var (key, value) in rules.ToList())
            rules[key] = string.Concat(value.EnumerateRunes().Select(r => new Rune(folding.GetValueOrDefault(r.Value, r.Value)).ToString()));
        foreach (var (from, to) in folding) rules.TryAdd(new Rune(from).ToString(), new Rune(to).ToString());
    }

    // A sequence needs no rule of its own where shorter ones, longest first, give the same.
    private static Dictionary<string, string> WithoutRedundant(Dictionary<string, string> rules)
    {
        var kept = new Dictionary<string, string>();
        foreach (var group in rules.GroupBy(r => RuneCount(r.Key)).OrderBy(g => g.Key))
        {
            var added = group.Where(r => group.Key == 1 || Apply(kept, r.Key, group.Key - 1) != r.Value).ToList();
            foreach (var (key, value) in added) kept.Add(key, value);
        }

        return kept;
    }

    private static string Apply(Dictionary<string, string> rules, string text, int longest)
    {
        var lookup = rules.GetAlternateLookup<ReadOnlySpan<char>>();
        var result = new StringBuilder();
        for (var at = 0; at < text.Length;)
        {
            var end = at;
            for (var i = 0; i < longest && end < text.Length; i++) end += char.IsHighSurrogate(text[end]) ? 2 : 1;
            string? value;
            while (!lookup.TryGetValue(text.AsSpan(at..end), out value))
            {
                var shorter = end - (char.IsLowSurrogate(text[end - 1]) ? 2 : 1);
                if (shorter == at) break;
                end = shorter;
            }

            result.Append(value ?? text[at..end]);
            at = end;
        }

        return result.ToString();
    }

    private static int RuneCount(string text) => text.Count(c => !char.IsLowSurrogate(c));

    private static IEnumerable<Rune> Characters()
    {
        for (var c = 1; c <= 0x10FFFF; c++)
        {
            if (c is (>= 0xD800 and <= 0xDFFF) or (>= 0xFDD0 and <= 0xFDEF) || (c & 0xFFFE) == 0xFFFE) continue;
            yield return new Rune(c);
        }
    }

    private static string Decompose(int c)
    {
        if (Decompositions.TryGetValue(c, out var later)) return later;
        Span<int> parts = stackalloc int[LongestDecomposition];
        var count = NormalizationTables.Decompose(c, compatible: true, parts);
        if (count == 1) return char.ConvertFromUtf32(parts[0]);
        var text = new StringBuilder();
        foreach (var part in parts[..count]) text.Append(char.ConvertFromUtf32(part));
        return text.ToString();
    }

    private static string Compose(string decomposed)
    {
        if (decomposed.Length == 1) return decomposed;
        var result = new List<int>();
        var (starter, lastClass) = (-1, -1);
        foreach (var rune in decomposed.EnumerateRunes())
        {
            var own = NormalizationTables.CombiningClass(rune.Value);
            if (starter >= 0 && (lastClass < 0 || lastClass < own) && Pair(result[starter], rune.Value) is >= 0 and var composed)
            {
                result[starter] = composed;
                continue;
            }

            (starter, lastClass) = own == 0 ? (result.Count, -1) : (starter, own);
            result.Add(rune.Value);
        }

        return string.Concat(result.Select(char.ConvertFromUtf32));
    }

    private static int Pair(int first, int second) =>
        Compositions.TryGetValue((first, second), out var later) ? later : NormalizationTables.Compose(first, second);

    private static void LoadLater()
    {
        var byText = new Dictionary<string, int>();
        foreach (var line in UnicodeResource.Lines("decompositions-later.txt"))
        {
            var sign = line.AsSpan().IndexOfAny('=', '~');
            var c = UnicodeResource.CodePoint(line.AsSpan(0, sign));
            var excluded = line[sign + 1] == '!';
            var text = string.Concat(line[(sign + (excluded ? 2 : 1))..].Split(' ').Select(p => char.ConvertFromUtf32(UnicodeResource.CodePoint(p))));
            Decompositions[c] = text;
            if (line[sign] == '=' && !excluded) byText[text] = c;
        }

        foreach (var (text, c) in byText)
        {
            var last = text.Length - (char.IsLowSurrogate(text[^1]) ? 2 : 1);
            var head = text[..last];
            var first = RuneCount(head) == 1 ? char.ConvertToUtf32(head, 0) : byText.GetValueOrDefault(head, -1);
            if (first >= 0) Compositions[(first, char.ConvertToUtf32(text, last))] = c;
        }
    }
}
