namespace Attune.Tokenizers.Text;

/// <summary>The 256 printable characters that stand for bytes in byte-level vocabularies.</summary>
/// <remarks>Printable Latin-1 stands for itself; the other 68 bytes follow from U+0100 on, in order.</remarks>
internal static class ByteAlphabet
{
    private static readonly char[] Chars = MakeChars();
    private static readonly short[] Bytes = MakeBytes();

    /// <summary>The character for each byte.</summary>
    public static ReadOnlySpan<char> All => Chars;

    /// <summary>The character for a byte.</summary>
    public static char ToChar(byte value) => Chars[value];

    /// <summary>The byte a character stands for, or -1.</summary>
    public static int ToByte(char c) => c < Bytes.Length ? Bytes[c] : -1;

    /// <summary>Writes the characters of a text's bytes; those of one character share its origin.</summary>
    public static void Expand(ReadOnlySpan<char> chars, ref TextEditor editor)
    {
        Span<byte> bytes = stackalloc byte[4];
        foreach (var rune in chars.EnumerateRunes())
        {
            var count = rune.EncodeToUtf8(bytes);
            editor.Replace(Chars[bytes[0]]);
            for (var i = 1; i < count; i++) editor.Insert(Chars[bytes[i]]);
        }
    }

    private static char[] MakeChars()
    {
        var chars = new char[256];
        var next = '\u0100';
        for (var b = 0; b < 256; b++) chars[b] = b is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or >= 0xAE ? (char)b : next++;
        return chars;
    }

    private static short[] MakeBytes()
    {
        var bytes = new short[Chars.Max() + 1];
        Array.Fill(bytes, (short)-1);
        for (var b = 0; b < 256; b++) bytes[Chars[b]] = (short)b;
        return bytes;
    }
}
