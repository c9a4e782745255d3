using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Attune.Formats;

/// <summary>
/// Writes safetensors files: the same content gives the same bytes. Tensors keep the order in which they are added, wider
/// element types first (so that every tensor is aligned to its type, as the published writer does it).
/// </summary>
/// <remarks>Contents are streamed when the file is saved: what was added must stay valid and unchanged until then.</remarks>
public sealed class SafetensorsWriter
{
    private static readonly JsonWriterOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly List<PendingTensor> _tensors = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly KeyValuePair<string, string>[] _metadata;

    /// <summary>Starts an empty file.</summary>
    /// <param name="metadata">Free-text entries; <see cref="TransformersMetadata"/> for models.</param>
    public SafetensorsWriter(IEnumerable<KeyValuePair<string, string>>? metadata = null) => _metadata = metadata is null ? [] : [.. metadata];

    /// <summary>The entry without which the transformers library refuses a model's weights.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> TransformersMetadata { get; } = [new("format", "pt")];

    /// <summary>Bytes of all tensors together.</summary>
    public long DataLength => _tensors.Sum(tensor => tensor.ByteLength);

    internal IReadOnlyList<PendingTensor> Pending => _tensors;

    internal IReadOnlyList<KeyValuePair<string, string>> Metadata => _metadata;

    /// <summary>Adds a tensor whose bytes are written by a function.</summary>
    /// <param name="name">Its name, not used before.</param>
    /// <param name="dtype">The element type.</param>
    /// <param name="shape">The extents, outermost first.</param>
    /// <param name="write">Writes exactly the tensor's bytes (little-endian, row-major).</param>
    /// <exception cref="ArgumentException">The name is taken or reserved, or the shape has a negative or too large extent.</exception>
    public void Add(string name, DType dtype, ReadOnlySpan<int> shape, Action<Stream> write)
    {
        long? count = StoredShape.CountOrNull(shape);
        if (count is null || count > long.MaxValue / dtype.Size() || shape.Length > StoredShape.MaxRank)
            throw new ArgumentException($"Tensor '{name}': the shape {StoredShape.Describe([.. shape])} cannot be stored.", nameof(shape));
        if (name == SafetensorsHeader.MetadataName || !_names.Add(name))
            throw new ArgumentException($"The tensor name '{name}' is taken.", nameof(name));
        _tensors.Add(new PendingTensor(name, dtype, [.. shape], count.Value * dtype.Size(), write));
    }

    /// <summary>Adds a float32 tensor.</summary>
    /// <param name="name">Its name, not used before.</param>
    /// <param name="shape">The extents, outermost first.</param>
    /// <param name="values">The elements; read when the file is saved.</param>
    /// <exception cref="ArgumentException">The name is taken, or the number of values does not fit the shape.</exception>
    public void Add(string name, ReadOnlySpan<int> shape, ReadOnlyMemory<float> values)
    {
        if (StoredShape.CountOrNull(shape) != values.Length)
            throw new ArgumentException($"Tensor '{name}': {values.Length} values do not fill the shape {StoredShape.Describe([.. shape])}.", nameof(values));
        Add(name, DType.F32, shape, stream => stream.Write(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.Span)));
    }

    /// <summary>Adds a float32 tensor from unmanaged memory.</summary>
    /// <param name="name">Its name, not used before.</param>
    /// <param name="shape">The extents, outermost first.</param>
    /// <param name="values">The first element; read when the file is saved.</param>
    /// <param name="owner">Kept reachable until then, e.g. the tensor whose memory it is.</param>
    /// <exception cref="ArgumentException">The name is taken, or the shape cannot be stored.</exception>
    public unsafe void Add(string name, ReadOnlySpan<int> shape, float* values, object owner)
    {
        long bytes = (StoredShape.CountOrNull(shape) ?? 0) * sizeof(float);
        Add(name, DType.F32, shape, stream =>
        {
            WriteUnmanaged(stream, (byte*)values, bytes);
            GC.KeepAlive(owner);
        });
    }

    /// <summary>Adds a tensor of another file, byte for byte. That file must stay open until this one is saved.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="name">Another name for it; its own where null.</param>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public unsafe void Add(StoredTensor tensor, string? name = null) => Add(
        name ?? tensor.Name, tensor.DType, tensor.Shape.AsSpan(),
        stream => WriteUnmanaged(stream, tensor.Pointer, tensor.ByteLength));

    /// <summary>Adds a tensor of another file as another floating-point type. That file must stay open until this one is saved.</summary>
    /// <param name="tensor">The tensor; integers stay as they are.</param>
    /// <param name="dtype">The type its numbers are rounded to: F32, BF16 or F16.</param>
    /// <param name="name">Another name for it; its own where null.</param>
    /// <exception cref="ArgumentException">The name is taken, or the type is another one.</exception>
    public void AddAs(StoredTensor tensor, DType dtype, string? name = null)
    {
        if (tensor.DType == dtype || !RoundedTensor.IsFloatingPoint(tensor.DType))
            Add(tensor, name);
        else if (dtype is DType.F32 or DType.BF16 or DType.F16)
            Add(name ?? tensor.Name, dtype, tensor.Shape.AsSpan(), stream => RoundedTensor.Write(tensor, dtype, stream));
        else
            throw new ArgumentException($"Weights can be stored as F32, BF16 or F16, not as {dtype.Name()}.", nameof(dtype));
    }

    /// <summary>Writes the file, beside and renamed.</summary>
    /// <exception cref="AttuneWriteException">Full disk, read-only folder or the like; an older file is whole.</exception>
    /// <exception cref="InvalidOperationException">A tensor's function wrote another number of bytes than its shape takes.</exception>
    public void Save(string path) => SaveSome(path, _tensors);

    /// <summary>Writes some of the tensors, with the metadata, as one file.</summary>
    internal void SaveSome(string path, IEnumerable<PendingTensor> tensors)
    {
        // A stable sort: within a width the order of adding stays.
        PendingTensor[] ordered = [.. tensors.OrderByDescending(tensor => tensor.DType.Size())];
        byte[] header = Header(ordered);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(header);
            foreach (PendingTensor tensor in ordered)
            {
                long before = stream.Position;
                tensor.Write(stream);
                long written = stream.Position - before;
                if (written != tensor.ByteLength)
                    throw new InvalidOperationException($"Tensor '{tensor.Name}' wrote {written} bytes; its type and shape take {tensor.ByteLength}.");
            }
        });
    }

    private byte[] Header(IReadOnlyList<PendingTensor> tensors)
    {
        const int lengthBytes = 8;
        ArrayBufferWriter<byte> buffer = new();
        buffer.Advance(buffer.GetSpan(lengthBytes)[..lengthBytes].Length);
        using (Utf8JsonWriter json = new(buffer, s_json))
        {
            json.WriteStartObject();
            if (_metadata.Length > 0)
            {
                json.WriteStartObject(SafetensorsHeader.MetadataName);
                foreach ((string key, string value) in _metadata) json.WriteString(key, value);
                json.WriteEndObject();
            }
            long offset = 0;
            foreach (PendingTensor tensor in tensors)
            {
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", tensor.DType.Name());
                json.WriteStartArray("shape");
                foreach (int extent in tensor.Shape) json.WriteNumberValue(extent);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += tensor.ByteLength);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        // Spaces up to a multiple of 8, so that the data are aligned when the file is mapped.
        int padding = -buffer.WrittenCount & (lengthBytes - 1);
        buffer.Write("       "u8[..padding]);
        byte[] header = buffer.WrittenSpan.ToArray();
        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)(header.Length - lengthBytes));
        return header;
    }

    private static unsafe void WriteUnmanaged(Stream stream, byte* bytes, long length)
    {
        const int chunk = 1 << 24;
        for (long done = 0; done < length; done += chunk)
            stream.Write(new ReadOnlySpan<byte>(bytes + done, (int)Math.Min(chunk, length - done)));
    }

    /// <summary>A tensor that waits to be written.</summary>
    internal sealed record PendingTensor(string Name, DType DType, ImmutableArray<int> Shape, long ByteLength, Action<Stream> Write);
}
