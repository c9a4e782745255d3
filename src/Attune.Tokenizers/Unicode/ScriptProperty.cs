namespace Attune.Tokenizers.Unicode;

/// <summary>Unicode's property Script, by number.</summary>
internal static class ScriptProperty
{
    private const string LastScript = "Zanabazar_Square";

    // Code point to script, a byte each; scripts are fewer than 256.
    private static readonly byte[] Table = new byte[0x110000];
    private static readonly Dictionary<string, int> Numbers = Load();

    /// <summary>Characters of no particular script, and those that have none yet.</summary>
    public static int Common => Numbers["Common"];

    /// <summary>Marks that take the script of what they stand on.</summary>
    public static int Inherited { get; } = Numbers["Inherited"];

    /// <summary>Chinese characters.</summary>
    public static int Han { get; } = Numbers["Han"];

    /// <summary>One of the Japanese syllabaries.</summary>
    public static int Hiragana { get; } = Numbers["Hiragana"];

    /// <summary>The other one.</summary>
    public static int Katakana { get; } = Numbers["Katakana"];

    /// <summary>The script of a code point.</summary>
    public static int Of(int codePoint) => Table[codePoint];

    private static Dictionary<string, int> Load()
    {
        var numbers = new Dictionary<string, int> { ["Common"] = 0 };
        foreach (var line in UnicodeResource.Lines("properties.txt"))
        {
            var parts = line.Split(' ');
            if (!numbers.TryGetValue(parts[0], out var number)) numbers[parts[0]] = number = numbers.Count;
            foreach (var part in parts.AsSpan(1))
            {
                var (first, last) = UnicodeResource.Range(part);
                Table.AsSpan(first, last - first + 1).Fill((byte)number);
            }

            // The table goes on with properties that are no scripts.
            if (parts[0] == LastScript) break;
        }

        return numbers;
    }
}
