namespace Attune.Tokenizers.Unicode;

/// <summary>The script of each character, as the <c>UnicodeScripts</c> pre-tokenizer groups them.</summary>
internal static class Scripts
{
    /// <summary>The number of characters that go with any script, such as the space and unassigned ones.</summary>
    public const int Any = 0;

    private static readonly (int First, int Last, int Script)[] Table = Load();

    /// <summary>A number that stands for the script of a code point; <see cref="Any"/> for those that fit every script.</summary>
    public static int Of(int codePoint)
    {
        var (low, high) = (0, Table.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) >> 1;
            if (codePoint < Table[middle].First) high = middle - 1;
            else if (codePoint > Table[middle].Last) low = middle + 1;
            else return Table[middle].Script;
        }

        return Any;
    }

    private static (int, int, int)[] Load()
    {
        var numbers = new Dictionary<string, int>();
        var table = new List<(int, int, int)>();
        foreach (var line in UnicodeResource.Lines("scripts.txt"))
        {
            var parts = line.Split('=');
            if (!numbers.TryGetValue(parts[1], out var number)) numbers[parts[1]] = number = numbers.Count + 1;
            var (first, last) = UnicodeResource.Range(parts[0]);
            table.Add((first, last, number));
        }

        return [.. table];
    }
}
