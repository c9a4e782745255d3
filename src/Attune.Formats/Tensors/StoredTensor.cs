using System.Collections.Immutable;

namespace Attune.Formats;

/// <summary>A tensor in a weight file: name, type, shape and bytes (little-endian, row-major, contiguous).</summary>
/// <remarks>
/// Keeps the file's mapping alive as long as it is reachable, so that it can own a tensor made over <see cref="Pointer"/>; it ends
/// when the weight file is disposed. Reading from several threads is safe.
/// </remarks>
public sealed unsafe class StoredTensor
{
    private readonly IStoredBytes _owner;
    private readonly byte* _pointer;

    internal StoredTensor(string name, DType dtype, ImmutableArray<int> shape, long count, byte* pointer, IStoredBytes owner)
    {
        (Name, DType, Shape, Count) = (name, dtype, shape, count);
        _pointer = pointer;
        _owner = owner;
    }

    /// <summary>The tensor's name in the file.</summary>
    public string Name { get; }

    /// <summary>The element type.</summary>
    public DType DType { get; }

    /// <summary>The extents, outermost first; empty for a scalar.</summary>
    public ImmutableArray<int> Shape { get; }

    /// <summary>The number of elements.</summary>
    public long Count { get; }

    /// <summary>The number of bytes.</summary>
    public long ByteLength => Count * DType.Size();

    /// <summary>The first byte; not aligned in general.</summary>
    /// <exception cref="ObjectDisposedException">The weight file was disposed.</exception>
    public byte* Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(_owner.IsDisposed, _owner);
            return _pointer;
        }
    }

    /// <summary>All bytes. Keep the tensor or its file reachable while the span is used.</summary>
    /// <exception cref="AttuneFormatException">More than 2 GiB; use <see cref="Pointer"/> then.</exception>
    public ReadOnlySpan<byte> Bytes => ByteLength <= int.MaxValue
        ? new ReadOnlySpan<byte>(Pointer, (int)ByteLength)
        : throw new AttuneFormatException(_owner.Path, $"tensor '{Name}'", $"{ByteLength} bytes", "at most 2147483647 bytes in one span");

    /// <summary>The shape in brackets, as in <c>[2, 3]</c>.</summary>
    public string ShapeText => StoredShape.Describe(Shape);

    /// <summary>Copies the elements as float32; float64 and integers are rounded to it.</summary>
    /// <param name="destination">Gets <see cref="Count"/> numbers.</param>
    /// <exception cref="ArgumentException">The destination has another length.</exception>
    /// <exception cref="AttuneFormatException">8-bit floats, which have no agreed scale.</exception>
    public void CopyTo(Span<float> destination)
    {
        CheckLength(destination.Length);
        if (!ElementConversion.TryToFloat32(DType, Pointer, destination))
            throw new AttuneFormatException(_owner.Path, $"tensor '{Name}'", DType.Name(), "a type that can become float32", "Convert the file to F32, F16 or BF16 first.");
        GC.KeepAlive(_owner);
    }

    /// <summary>Copies the elements as 32-bit integers.</summary>
    /// <param name="destination">Gets <see cref="Count"/> numbers.</param>
    /// <exception cref="ArgumentException">The destination has another length.</exception>
    /// <exception cref="AttuneFormatException">Not an integer type, or a number beyond 32 bits.</exception>
    public void CopyTo(Span<int> destination)
    {
        CheckLength(destination.Length);
        long? misfit = ElementConversion.ToInt32(DType, Pointer, destination);
        GC.KeepAlive(_owner);
        if (misfit is null) return;
        throw misfit < 0
            ? new AttuneFormatException(_owner.Path, $"tensor '{Name}'", DType.Name(), "integers (I64, I32, I16, I8, U32, U16, U8 or BOOL)")
            : new AttuneFormatException(_owner.Path, $"tensor '{Name}'", $"a number beyond 32 bits at element {misfit}", "numbers that fit into 32 bits");
    }

    /// <summary>Looks for a NaN or an infinity.</summary>
    /// <returns>The index of the first one in row-major order; null if every element is a finite number.</returns>
    public long? FirstNonFinite()
    {
        long? index = FiniteCheck.FirstNonFinite(DType, Pointer, Count);
        GC.KeepAlive(_owner);
        return index;
    }

    /// <summary>
    /// Lets the system take back the memory of the bytes until they are read again, from the file: for tensors of which another form is kept. Without
    /// effect where the file is not mapped.
    /// </summary>
    public void GiveBack()
    {
        if (!_owner.IsDisposed)
            _owner.GiveBack(_pointer, ByteLength);
    }

    /// <summary>The elements as new float32 numbers.</summary>
    /// <exception cref="AttuneFormatException">8-bit floats.</exception>
    public float[] ToFloat32()
    {
        float[] values = GC.AllocateUninitializedArray<float>(checked((int)Count));
        CopyTo(values);
        return values;
    }

    /// <summary>The elements as new 32-bit integers.</summary>
    /// <exception cref="AttuneFormatException">Not an integer type, or a number beyond 32 bits.</exception>
    public int[] ToInt32()
    {
        int[] values = GC.AllocateUninitializedArray<int>(checked((int)Count));
        CopyTo(values);
        return values;
    }

    private void CheckLength(int length)
    {
        if (length != Count)
            throw new ArgumentException($"Tensor '{Name}' {ShapeText} has {Count} elements; the destination has room for {length}.");
    }
}
