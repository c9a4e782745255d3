using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Attune.Formats;

namespace Attune.Data.Tokens;

/// <summary>
/// The head of a token cache: what it was made from, how much it holds, and a checksum of all this. Behind it: the tokens (2 or 4
/// bytes each, little-endian), then from <see cref="OffsetsStart"/> the sentences' first tokens and the documents' first sentences (64 bits each, with
/// one closing entry).
/// </summary>
internal sealed record TokenCacheHeader(string Key, int TokenSize, int VocabularySize, long Tokens, long Sentences, long Documents)
{
    /// <summary>Bytes of the head.</summary>
    public const int Length = 128;

    private const uint Version = 1;
    private const int KeyLength = 32, ChecksumLength = 32, ChecksumStart = Length - ChecksumLength;

    private static ReadOnlySpan<byte> Magic => "ATTUNTOK"u8;

    /// <summary>Where the offsets begin, a multiple of 8.</summary>
    public long OffsetsStart => Length + ((Tokens * TokenSize) + 7) / 8 * 8;

    /// <summary>Bytes of the whole file.</summary>
    public long FileLength => OffsetsStart + ((Sentences + Documents + 2) * sizeof(long));

    /// <summary>Names what a cache depends on: the text, the tokenizer and the layout of the file.</summary>
    public static string KeyOf(string corpusFingerprint, string tokenizerFingerprint) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"token-cache|{Version}|{corpusFingerprint}|{tokenizerFingerprint}")));

    /// <summary>The bytes of the head.</summary>
    public byte[] ToBytes()
    {
        byte[] bytes = new byte[Length];
        Span<byte> span = bytes;
        Magic.CopyTo(span);
        BinaryPrimitives.WriteUInt32LittleEndian(span[8..], Version);
        BinaryPrimitives.WriteInt32LittleEndian(span[12..], TokenSize);
        BinaryPrimitives.WriteInt32LittleEndian(span[16..], VocabularySize);
        BinaryPrimitives.WriteInt64LittleEndian(span[24..], Tokens);
        BinaryPrimitives.WriteInt64LittleEndian(span[32..], Sentences);
        BinaryPrimitives.WriteInt64LittleEndian(span[40..], Documents);
        Convert.FromHexString(Key).CopyTo(span[48..]);
        SHA256.HashData(span[..ChecksumStart], span[ChecksumStart..]);
        return bytes;
    }

    /// <summary>Reads and checks a head.</summary>
    /// <exception cref="AttuneFormatException">Not a token cache, damaged, or of another length than it says.</exception>
    public static TokenCacheHeader Read(MappedFile file)
    {
        ReadOnlySpan<byte> span = file.Slice(0, Length);
        if (!span.StartsWith(Magic) || BinaryPrimitives.ReadUInt32LittleEndian(span[8..]) != Version)
            throw Damaged(file.Path, "beginning", Convert.ToHexString(span[..12]), $"a token cache of version {Version}");
        if (!SHA256.HashData(span[..ChecksumStart]).AsSpan().SequenceEqual(span[ChecksumStart..]))
            throw Damaged(file.Path, "head", "another checksum", "the one of its content");
        TokenCacheHeader header = new(
            Convert.ToHexStringLower(span.Slice(48, KeyLength)),
            BinaryPrimitives.ReadInt32LittleEndian(span[12..]),
            BinaryPrimitives.ReadInt32LittleEndian(span[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(span[24..]),
            BinaryPrimitives.ReadInt64LittleEndian(span[32..]),
            BinaryPrimitives.ReadInt64LittleEndian(span[40..]));
        long most = file.Length;
        if (header.TokenSize is not (2 or 4) || header.VocabularySize < 0 || OutOf(header.Tokens, most) || OutOf(header.Sentences, most) || OutOf(header.Documents, most))
            throw Damaged(file.Path, "head", "sizes that cannot be", "sizes that fit into the file");
        if (header.FileLength != file.Length) throw Damaged(file.Path, "length", $"{file.Length} bytes", $"{header.FileLength} bytes");
        return header;

        static bool OutOf(long value, long most) => value < 0 || value > most;
    }

    /// <summary>Makes the exception for a cache that is not what it should be.</summary>
    internal static AttuneFormatException Damaged(string path, string field, string found, string expected) =>
        new(path, field, found, expected, "Delete the file; it is made anew from the text.");
}
