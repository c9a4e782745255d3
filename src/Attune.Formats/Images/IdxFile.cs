using System.Buffers.Binary;

namespace Attune.Formats;

/// <summary>
/// An idx file of bytes, as MNIST has them (plain or gzip): a magic number with element type and rank, the extents, the elements
/// (http://yann.lecun.com/exdb/mnist).
/// </summary>
public sealed class IdxFile
{
    /// <summary>The largest file accepted, in bytes.</summary>
    public const int MaxBytes = 1 << 30;

    private const int ByteType = 8, MaxRank = 4;

    private IdxFile(int[] shape, ReadOnlyMemory<byte> data) => (Shape, Data) = (shape, data);

    /// <summary>The extents, outermost first: (count) for labels, (count, rows, columns) for images.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>The elements in row-major order.</summary>
    public ReadOnlyMemory<byte> Data { get; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="AttuneFormatException">Missing, cut off, of another element type, or longer than its extents say.</exception>
    public static IdxFile Read(string path)
    {
        using Stream stream = DataFile.Open(path);
        ReadOnlyMemory<byte> bytes = BoundedStream.ReadToEnd(stream, MaxBytes, path);
        ReadOnlySpan<byte> span = bytes.Span;
        if (span.Length < 4 || span[0] != 0 || span[1] != 0 || span[2] != ByteType || span[3] is 0 or > MaxRank)
            throw new AttuneFormatException(path, "magic number", span.Length < 4 ? $"{span.Length} bytes" : Convert.ToHexString(span[..4]), "000008 and a rank of 1 to 4", "Only idx files of unsigned bytes can be read.");
        int rank = span[3], start = 4 + (4 * rank);
        if (span.Length < start) throw new AttuneFormatException(path, "extents", $"a file of {span.Length} bytes", $"at least {start}", "The file is cut off; get it again.");
        int[] shape = new int[rank];
        for (int axis = 0; axis < rank; axis++) shape[axis] = BinaryPrimitives.ReadInt32BigEndian(span[(4 + (4 * axis))..]);
        if (StoredShape.CountOrNull(shape) != span.Length - start)
            throw new AttuneFormatException(path, "data", $"{span.Length - start} bytes", $"{string.Join(" x ", shape)}, as the extents say", "The file is cut off or damaged; get it again.");
        return new IdxFile(shape, bytes[start..]);
    }
}
