using System.Buffers.Binary;

namespace Attune.Tokenizers.Normalizers;

/// <summary>
/// SentencePiece's compiled normalization rules: a double-array trie over UTF-8 bytes whose leaves point into a block of
/// zero-terminated replacements.
/// </summary>
internal sealed class CharacterMap
{
    private readonly uint[] _units;
    private readonly byte[] _replacements;

    private CharacterMap(byte[] blob, uint[] units, byte[] replacements) => (Blob, _units, _replacements) = (blob, units, replacements);

    /// <summary>The map as files carry it.</summary>
    public byte[] Blob { get; }

    /// <summary>Reads a map; null where the bytes are none.</summary>
    public static CharacterMap? TryRead(byte[] blob)
    {
        if (blob.Length < 4) return null;
        var trieBytes = BinaryPrimitives.ReadUInt32LittleEndian(blob);
        if (trieBytes > blob.Length - 4 || trieBytes % 4 != 0 || trieBytes == 0) return null;
        var units = new uint[trieBytes / 4];
        for (var i = 0; i < units.Length; i++) units[i] = BinaryPrimitives.ReadUInt32LittleEndian(blob.AsSpan(4 + (4 * i)));
        return new CharacterMap(blob, units, blob[(4 + (int)trieBytes)..]);
    }

    /// <summary>Finds the replacement for the shortest beginning of a text that has one.</summary>
    /// <param name="text">UTF-8.</param>
    /// <param name="replacement">UTF-8; perhaps empty.</param>
    public bool TryFindShortest(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> replacement) => TryFind(text, longest: false, out replacement, out _);

    /// <summary>Finds the replacement for the longest beginning of a text that has one.</summary>
    /// <param name="text">UTF-8.</param>
    /// <param name="replacement">UTF-8; perhaps empty.</param>
    /// <param name="length">How many bytes it replaces.</param>
    public bool TryFindLongest(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> replacement, out int length) => TryFind(text, longest: true, out replacement, out length);

    // Every index is checked: the array comes from a file and may point anywhere.
    private bool TryFind(ReadOnlySpan<byte> text, bool longest, out ReadOnlySpan<byte> replacement, out int length)
    {
        replacement = default;
        length = 0;
        var found = false;
        var node = Offset(_units[0]);
        for (var i = 0; i < text.Length && text[i] != 0; i++)
        {
            node ^= text[i];
            if (node >= (uint)_units.Length) return found;
            var unit = _units[node];
            if ((unit & 0x800000FF) != text[i]) return found;
            node ^= Offset(unit);
            if ((unit >> 8 & 1) == 0) continue;
            if (node >= (uint)_units.Length) return found;
            var value = _units[node] & 0x7FFFFFFF;
            if (value > (uint)_replacements.Length) return found;
            var tail = _replacements.AsSpan((int)value);
            var end = tail.IndexOf((byte)0);
            replacement = end < 0 ? tail : tail[..end];
            length = i + 1;
            found = true;
            if (!longest) return true;
        }

        return found;
    }

    private static uint Offset(uint unit) => unit >> 10 << (int)((unit & (1 << 9)) >> 6);
}
