using System.Buffers.Binary;
using System.Numerics;

namespace Attune.Formats;

/// <summary>The framing of TensorFlow record files: length, masked CRC of the length, data, masked CRC of the data.</summary>
internal static class TfRecord
{
    /// <summary>The largest record accepted, in bytes.</summary>
    public const int MaxLength = 1 << 26;

    private const int HeaderLength = 12, FooterLength = 4;
    private const uint MaskDelta = 0xa282ead8;

    /// <summary>Appends a record.</summary>
    public static void Write(Stream stream, ReadOnlySpan<byte> data)
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], MaskedCrc(header[..8]));
        stream.Write(header);
        stream.Write(data);
        Span<byte> footer = stackalloc byte[FooterLength];
        BinaryPrimitives.WriteUInt32LittleEndian(footer, MaskedCrc(data));
        stream.Write(footer);
    }

    /// <summary>Reads all records. A last record that is cut off, as a killed run leaves it, ends the file.</summary>
    /// <exception cref="AttuneFormatException">A checksum does not match, or a record is too large.</exception>
    public static IEnumerable<ReadOnlyMemory<byte>> Read(Stream stream, string path)
    {
        byte[] header = new byte[HeaderLength];
        for (long number = 1; stream.ReadAtLeast(header, HeaderLength, throwOnEndOfStream: false) == HeaderLength; number++)
        {
            ulong length = BinaryPrimitives.ReadUInt64LittleEndian(header);
            CheckCrc(header.AsSpan(0, 8), BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(8)), path, number);
            if (length > MaxLength) throw new AttuneFormatException(path, $"record {number}", $"{length} bytes", $"at most {MaxLength} bytes");
            if (stream.CanSeek && stream.Length - stream.Position < (long)length + FooterLength) yield break;
            byte[] record = new byte[(int)length + FooterLength];
            if (stream.ReadAtLeast(record, record.Length, throwOnEndOfStream: false) < record.Length) yield break;
            ReadOnlyMemory<byte> data = record.AsMemory(0, (int)length);
            CheckCrc(data.Span, BinaryPrimitives.ReadUInt32LittleEndian(record.AsSpan((int)length)), path, number);
            yield return data;
        }
    }

    /// <summary>The CRC-32C of the data, rotated and shifted so that a CRC of data with CRCs in it stays useful.</summary>
    internal static uint MaskedCrc(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        while (data.Length >= 8)
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(data));
            data = data[8..];
        }
        foreach (byte value in data) crc = BitOperations.Crc32C(crc, value);
        return unchecked(BitOperations.RotateRight(~crc, 15) + MaskDelta);
    }

    private static void CheckCrc(ReadOnlySpan<byte> data, uint stored, string path, long record)
    {
        uint crc = MaskedCrc(data);
        if (crc != stored) throw new AttuneFormatException(path, $"record {record}", $"checksum {stored:x8}", $"{crc:x8}", "The file is damaged.");
    }
}
