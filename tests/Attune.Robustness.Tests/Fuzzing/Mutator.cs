using System.Buffers.Binary;

namespace Attune.Robustness.Tests.Fuzzing;

/// <summary>
/// Makes damaged variants of valid files: flipped bits, changed bytes, truncations, lying length fields, duplicated, removed and
/// spliced blocks. The n-th variant of a seed is always the same.
/// </summary>
public sealed class Mutator(IReadOnlyList<byte[]> seeds)
{
    private static readonly ulong[] Lies =
        [0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x7FFF_FFFF_FFFF_FFFF, ulong.MaxValue];

    // What parsers of text formats trip over; harmless noise in binary formats.
    private static readonly string[] Tokens =
        ["{", "}", "[", "]", "\"", "\\", ",", ":", "\n", "\t", "\0", "-1", "1e999", "99999999999999999999", "null", "\\ud800", "\\u0000", "../", "<", ">", "&"];

    /// <summary>The variant with number <paramref name="index"/>; index 0..seeds-1 give the seeds unchanged.</summary>
    public byte[] Variant(int index)
    {
        if (index < seeds.Count) return seeds[index];
        Random random = new(unchecked(index * 7919));
        byte[] bytes = [.. seeds[random.Next(seeds.Count)]];
        int changes = 1 + random.Next(4);
        for (int i = 0; i < changes; i++) bytes = Change(bytes, random);
        return bytes;
    }

    private byte[] Change(byte[] bytes, Random random)
    {
        if (bytes.Length == 0) return seeds[random.Next(seeds.Count)][..];
        // Headers decide what a parser does, so every other change falls into the first bytes.
        int reach = random.Next(2) == 0 ? bytes.Length : Math.Min(bytes.Length, 256);
        int at = random.Next(reach);
        switch (random.Next(9))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                return bytes;
            case 1:
                bytes[at] = (byte)random.Next(256);
                return bytes;
            case 2:
                return bytes[..at];
            case 3:
                return Lie(bytes, at, random);
            case 4:
                int length = random.Next(Math.Min(bytes.Length - at, 64) + 1);
                return [.. bytes[..at], .. bytes[(at + length)..]];
            case 5:
                int repeated = random.Next(Math.Min(bytes.Length - at, 64) + 1);
                return [.. bytes[..(at + repeated)], .. bytes[at..]];
            case 6:
                byte[] other = seeds[random.Next(seeds.Count)];
                return [.. bytes[..at], .. other[random.Next(other.Length + 1)..]];
            case 7:
                byte[] token = System.Text.Encoding.UTF8.GetBytes(Tokens[random.Next(Tokens.Length)]);
                return [.. bytes[..at], .. token, .. bytes[at..]];
            default:
                return NestDeeply(bytes, at, random);
        }
    }

    private static byte[] Lie(byte[] bytes, int at, Random random)
    {
        Span<byte> value = stackalloc byte[8];
        ulong lie = Lies[random.Next(Lies.Length)] + (ulong)random.Next(3) - 1;
        int width = 1 << random.Next(4);
        bool big = random.Next(2) == 0;
        if (big) BinaryPrimitives.WriteUInt64BigEndian(value, lie << ((8 - width) * 8));
        else BinaryPrimitives.WriteUInt64LittleEndian(value, lie);
        value[..Math.Min(width, bytes.Length - at)].CopyTo(bytes.AsSpan(at));
        return bytes;
    }

    private static byte[] NestDeeply(byte[] bytes, int at, Random random)
    {
        byte[] opening = new byte[random.Next(300)];
        Array.Fill(opening, "[{(]"u8[random.Next(4)]);
        return [.. bytes[..at], .. opening, .. bytes[at..]];
    }
}
