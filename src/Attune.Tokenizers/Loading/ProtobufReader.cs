using System.Buffers.Binary;
using Attune.Formats;

namespace Attune.Tokenizers.Loading;

/// <summary>Walks the fields of a protocol-buffers message.</summary>
internal ref struct ProtobufReader(ReadOnlySpan<byte> bytes, string path)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private readonly string _path = path;
    private int _position;

    /// <summary>The present field's number.</summary>
    public int Field { get; private set; }

    /// <summary>The present field's value, where it is a number: an integer, or the bits of a float.</summary>
    public ulong Number { get; private set; }

    /// <summary>The present field's value, where it is a text, bytes or a message.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>The present field's value as a float.</summary>
    public readonly float Float => BitConverter.UInt32BitsToSingle((uint)Number);

    /// <summary>Goes to the next field.</summary>
    /// <exception cref="AttuneFormatException">The message is malformed.</exception>
    public bool Read()
    {
        if (_position == _bytes.Length) return false;
        var key = ReadVarint();
        Field = key >> 3 is > 0 and <= int.MaxValue and var field ? (int)field : throw Broken("a field number out of range");
        Number = 0;
        Bytes = default;
        switch (key & 7)
        {
            case 0:
                Number = ReadVarint();
                break;
            case 1:
                Number = BinaryPrimitives.ReadUInt64LittleEndian(Take(8));
                break;
            case 2:
                Bytes = Take(ReadVarint());
                break;
            case 5:
                Number = BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
                break;
            default:
                throw Broken($"wire type {key & 7}");
        }

        return true;
    }

    private ulong ReadVarint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var b = Take(1)[0];
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80) return value;
        }

        throw Broken("a number of more than 10 bytes");
    }

    private ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)(_bytes.Length - _position)) throw Broken("a field that ends behind the message");
        var taken = _bytes.Slice(_position, (int)count);
        _position += (int)count;
        return taken;
    }

    private readonly AttuneFormatException Broken(string found) => new(_path, $"byte {_position} of a message", found, "a SentencePiece model", "The file may be truncated; download it again.");
}
