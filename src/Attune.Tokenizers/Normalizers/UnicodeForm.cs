using System.Text;
using Attune.Tokenizers.Text;
using Attune.Tokenizers.Unicode;

namespace Attune.Tokenizers.Normalizers;

/// <summary>One of Unicode's normalization forms, applied with the origin of every character kept.</summary>
internal sealed class UnicodeForm
{
    private const int LongestDecomposition = 18;

    private readonly bool _compatible;
    private readonly bool _composed;

    private UnicodeForm(string name, bool compatible, bool composed) => (Name, _compatible, _composed) = (name, compatible, composed);

    /// <summary>Canonical composition.</summary>
    public static UnicodeForm Nfc { get; } = new("NFC", false, true);

    /// <summary>Canonical decomposition.</summary>
    public static UnicodeForm Nfd { get; } = new("NFD", false, false);

    /// <summary>Compatibility composition.</summary>
    public static UnicodeForm Nfkc { get; } = new("NFKC", true, true);

    /// <summary>Compatibility decomposition.</summary>
    public static UnicodeForm Nfkd { get; } = new("NFKD", true, false);

    /// <summary>The form's name.</summary>
    public string Name { get; }

    /// <summary>Brings a text into this form.</summary>
    public void Apply(NormalizedText text)
    {
        if (IsUnaffected(text.Chars)) return;
        var items = Decompose(text.Chars);
        if (_composed) items = Compose(items);
        var editor = text.Edit();
        foreach (var item in items) editor.Apply(new Rune(item.CodePoint), item.Change);
        text.CommitEdit();
    }

    private static bool IsUnaffected(ReadOnlySpan<char> chars)
    {
        var start = chars.IndexOfAnyExceptInRange('\0', '\x9F');
        if (start < 0) return true;
        foreach (var rune in chars[start..].EnumerateRunes())
        {
            if (NormalizationTables.IsAffected(rune.Value)) return false;
        }

        return true;
    }

    private List<Item> Decompose(ReadOnlySpan<char> chars)
    {
        var items = new List<Item>(chars.Length + 8);
        Span<int> parts = stackalloc int[LongestDecomposition];
        var run = 0;
        foreach (var rune in chars.EnumerateRunes())
        {
            var count = NormalizationTables.Decompose(rune.Value, _compatible, parts);
            for (var i = 0; i < count; i++)
            {
                var item = new Item(parts[i], i == 0 ? 0 : 1, NormalizationTables.CombiningClass(parts[i]));
                if (item.Class == 0) run = items.Count + 1;
                items.Add(item);
                // Marks are put in the order of their classes, equal ones as they stand.
                for (var at = items.Count - 1; at > run && items[at - 1].Class > item.Class && item.Class != 0; at--) (items[at - 1], items[at]) = (items[at], items[at - 1]);
            }
        }

        return items;
    }

    // Each composed character's change is the sum of its parts' changes, less one for each part that went into it.
    private static List<Item> Compose(List<Item> items)
    {
        var result = new List<Item>(items.Count);
        var starter = -1;
        var lastClass = -1;
        foreach (var item in items)
        {
            if (starter >= 0 && (lastClass < 0 || lastClass < item.Class))
            {
                var first = result[starter];
                var composed = NormalizationTables.Compose(first.CodePoint, item.CodePoint);
                if (composed >= 0)
                {
                    result[starter] = new Item(composed, first.Change + item.Change - 1, 0);
                    continue;
                }
            }

            if (item.Class == 0)
            {
                starter = result.Count;
                lastClass = -1;
            }
            else
            {
                lastClass = item.Class;
            }

            result.Add(item);
        }

        return result;
    }

    // Change: 0 stands for one old character, 1 is new beside it, -n stands for n + 1 old ones.
    private readonly record struct Item(int CodePoint, int Change, int Class);
}
