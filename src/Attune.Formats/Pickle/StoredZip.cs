using System.Buffers.Binary;
using System.Text;

namespace Attune.Formats;

/// <summary>
/// The directory of a zip archive whose entries are stored uncompressed, as PyTorch writes them: gives each entry's place in the
/// mapped file, so that nothing is copied or unpacked (APPNOTE.TXT 4.3, with zip64).
/// </summary>
internal sealed class StoredZip
{
    /// <summary>More entries than any checkpoint has.</summary>
    private const int MaxEntries = 1 << 20;

    private const uint EndSignature = 0x06054b50, End64LocatorSignature = 0x07064b50, End64Signature = 0x06064b50;
    private const uint CentralSignature = 0x02014b50, LocalSignature = 0x04034b50;
    private const int EndLength = 22, End64LocatorLength = 20, End64Length = 56, CentralLength = 46, LocalLength = 30;

    private readonly MappedFile _file;
    private readonly Dictionary<string, (long Offset, long Length)> _entries = new(StringComparer.Ordinal);

    private StoredZip(MappedFile file) => _file = file;

    /// <summary>Names of the entries.</summary>
    public IEnumerable<string> Names => _entries.Keys;

    /// <summary>Whether a file begins like a zip archive.</summary>
    public static bool IsZip(MappedFile file) =>
        file.Length >= LocalLength && BinaryPrimitives.ReadUInt32LittleEndian(file.Slice(0, 4)) == LocalSignature;

    /// <summary>Reads the directory.</summary>
    /// <exception cref="AttuneFormatException">Damaged, compressed or encrypted.</exception>
    public static StoredZip Open(MappedFile file)
    {
        StoredZip zip = new(file);
        zip.ReadDirectory();
        return zip;
    }

    /// <summary>Where an entry's bytes are in the file; null if there is no such entry.</summary>
    public (long Offset, long Length)? Find(string name) => _entries.TryGetValue(name, out (long, long) place) ? place : null;

    private void ReadDirectory()
    {
        long end = FindEnd();
        ReadOnlySpan<byte> record = _file.Slice(end, EndLength);
        long count = BinaryPrimitives.ReadUInt16LittleEndian(record[10..]);
        long offset = BinaryPrimitives.ReadUInt32LittleEndian(record[16..]);
        if (end >= End64LocatorLength && BinaryPrimitives.ReadUInt32LittleEndian(_file.Slice(end - End64LocatorLength, 4)) == End64LocatorSignature)
            (count, offset) = ReadEnd64(end);
        if (count is < 0 or > MaxEntries) throw Damaged("directory", $"{count} entries", $"0 to {MaxEntries}");
        for (long i = 0; i < count; i++) offset = ReadCentral(offset);
    }

    private long FindEnd()
    {
        // The end record is followed by a comment of at most 65535 bytes.
        long first = Math.Max(0, _file.Length - EndLength - ushort.MaxValue);
        for (long at = _file.Length - EndLength; at >= first; at--)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(_file.Slice(at, 4)) == EndSignature) return at;
        }
        throw Damaged("end of the archive", "no directory", "a zip directory");
    }

    private (long Count, long Offset) ReadEnd64(long end)
    {
        ReadOnlySpan<byte> locator = _file.Slice(end - End64LocatorLength, End64LocatorLength);
        ReadOnlySpan<byte> record = _file.Slice(BinaryPrimitives.ReadInt64LittleEndian(locator[8..]), End64Length);
        if (BinaryPrimitives.ReadUInt32LittleEndian(record) != End64Signature) throw Damaged("zip64 directory", "another record", "its signature");
        return (BinaryPrimitives.ReadInt64LittleEndian(record[32..]), BinaryPrimitives.ReadInt64LittleEndian(record[48..]));
    }

    private long ReadCentral(long at)
    {
        ReadOnlySpan<byte> record = _file.Slice(at, CentralLength);
        if (BinaryPrimitives.ReadUInt32LittleEndian(record) != CentralSignature) throw Damaged($"directory at {at}", "another record", "an entry");
        int flags = BinaryPrimitives.ReadUInt16LittleEndian(record[8..]);
        int method = BinaryPrimitives.ReadUInt16LittleEndian(record[10..]);
        long stored = BinaryPrimitives.ReadUInt32LittleEndian(record[20..]);
        long length = BinaryPrimitives.ReadUInt32LittleEndian(record[24..]);
        int nameLength = BinaryPrimitives.ReadUInt16LittleEndian(record[28..]);
        int extraLength = BinaryPrimitives.ReadUInt16LittleEndian(record[30..]);
        int commentLength = BinaryPrimitives.ReadUInt16LittleEndian(record[32..]);
        long local = BinaryPrimitives.ReadUInt32LittleEndian(record[42..]);
        string name = Encoding.UTF8.GetString(_file.Slice(at + CentralLength, nameLength));
        ReadExtra64(_file.Slice(at + CentralLength + nameLength, extraLength), ref length, ref stored, ref local);
        if ((flags & 1) != 0 || method != 0 || stored != length)
            throw Damaged($"entry '{name}'", "a compressed or encrypted entry", "a stored one, as torch.save writes", "Save the checkpoint again with torch.save or as safetensors.");
        if (!_entries.TryAdd(name, (DataStart(name, local, length), length))) throw Damaged($"entry '{name}'", "the name twice", "each name once");
        return at + CentralLength + nameLength + extraLength + commentLength;
    }

    private long DataStart(string name, long local, long length)
    {
        ReadOnlySpan<byte> header = _file.Slice(local, LocalLength);
        if (BinaryPrimitives.ReadUInt32LittleEndian(header) != LocalSignature) throw Damaged($"entry '{name}'", "another record", "a local header");
        long start = local + LocalLength + BinaryPrimitives.ReadUInt16LittleEndian(header[26..]) + BinaryPrimitives.ReadUInt16LittleEndian(header[28..]);
        if (length < 0 || start > _file.Length || length > _file.Length - start)
            throw Damaged($"entry '{name}'", $"{length} bytes at {start}", $"data inside of the {_file.Length} bytes of the file", "The file is cut off; get it again.");
        return start;
    }

    // Sizes and offset that do not fit into 32 bits stand in the extra field with id 1, in this order and only where needed.
    private void ReadExtra64(ReadOnlySpan<byte> extra, ref long length, ref long stored, ref long local)
    {
        while (extra.Length >= 4)
        {
            int id = BinaryPrimitives.ReadUInt16LittleEndian(extra);
            int size = BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]);
            if (size > extra.Length - 4) throw Damaged("extra field", $"{size} bytes", $"at most {extra.Length - 4}");
            if (id == 1)
            {
                ReadOnlySpan<byte> values = extra.Slice(4, size);
                length = Widen(length, ref values);
                stored = Widen(stored, ref values);
                local = Widen(local, ref values);
            }
            extra = extra[(4 + size)..];
        }
    }

    private long Widen(long narrow, ref ReadOnlySpan<byte> values)
    {
        if (narrow != uint.MaxValue) return narrow;
        if (values.Length < 8) throw Damaged("zip64 extra field", $"{values.Length} bytes", "8 more bytes");
        long wide = BinaryPrimitives.ReadInt64LittleEndian(values);
        values = values[8..];
        return wide;
    }

    private AttuneFormatException Damaged(string field, string found, string expected, string? advice = null) =>
        new(_file.Path, field, found, expected, advice ?? "The archive is damaged; get it again.");
}
