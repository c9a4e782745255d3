using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace Attune.Formats;

/// <summary>One entry of a safetensors header: bytes <see cref="Begin"/> to <see cref="End"/> of the data that follow the header.</summary>
internal readonly record struct SafetensorsEntry(string Name, DType DType, ImmutableArray<int> Shape, long Count, long Begin, long End);

/// <summary>
/// Reads and checks the JSON header of a safetensors file (https://github.com/huggingface/safetensors, "Format").
/// </summary>
internal sealed class SafetensorsHeader
{
    /// <summary>The limit of the published reader.</summary>
    public const int MaxLength = 100_000_000;

    /// <summary>The name under which the free-text entries stand.</summary>
    public const string MetadataName = "__metadata__";

    private const int MaxDepth = 8;

    private readonly string _path;
    private readonly List<SafetensorsEntry> _entries = [];
    private readonly List<KeyValuePair<string, string>> _metadata = [];

    private SafetensorsHeader(string path) => _path = path;

    /// <summary>The tensors, by their place in the data.</summary>
    public IReadOnlyList<SafetensorsEntry> Entries => _entries;

    /// <summary>The free-text entries in the file's order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Metadata => _metadata;

    /// <summary>Parses a header and checks it against the size of the data.</summary>
    /// <param name="json">The header's bytes.</param>
    /// <param name="dataLength">Bytes that follow the header.</param>
    /// <param name="path">The file, for messages.</param>
    /// <exception cref="AttuneFormatException">Anything that the format forbids.</exception>
    public static SafetensorsHeader Parse(ReadOnlySpan<byte> json, long dataLength, string path)
    {
        SafetensorsHeader header = new(path);
        if (json.IsEmpty || json[0] != (byte)'{')
            throw new AttuneFormatException(path, "header", json.IsEmpty ? "nothing" : $"first byte 0x{json[0]:X2}", "JSON that begins with '{'", "This is not a safetensors file, or it is damaged.");
        try
        {
            header.Read(json);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new AttuneFormatException("the header " + JsonFault.Describe(e), path, e);
        }
        header.CheckLayout(dataLength);
        return header;
    }

    private void Read(ReadOnlySpan<byte> json)
    {
        Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        HashSet<string> names = new(StringComparer.Ordinal);
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            string name = reader.GetString()!;
            if (!names.Add(name)) throw new AttuneFormatException(_path, $"tensor '{name}'", "the name twice", "each name once");
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
                throw new AttuneFormatException(_path, $"header field '{name}'", reader.TokenType.ToString(), "an object");
            if (name == MetadataName) ReadMetadata(ref reader);
            else ReadEntry(ref reader, name);
        }
        // The reader itself refuses anything but white space behind the object.
        while (reader.Read())
        {
        }
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        HashSet<string> keys = new(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            string key = reader.GetString()!;
            if (!keys.Add(key)) throw new AttuneFormatException(_path, $"{MetadataName} '{key}'", "the name twice", "each name once");
            reader.Read();
            if (reader.TokenType != JsonTokenType.String)
                throw new AttuneFormatException(_path, $"{MetadataName} '{key}'", reader.TokenType.ToString(), "a string");
            _metadata.Add(new(key, reader.GetString()!));
        }
    }

    private void ReadEntry(ref Utf8JsonReader reader, string name)
    {
        DType? dtype = null;
        ImmutableArray<int>? shape = null;
        ImmutableArray<long>? offsets = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            string field = reader.GetString()!;
            reader.Read();
            switch (field)
            {
                case "dtype" when dtype is null: dtype = ReadDType(ref reader, name); break;
                case "shape" when shape is null: shape = [.. ReadIntegers(ref reader, name, field, StoredShape.MaxRank, int.MaxValue).Select(n => (int)n)]; break;
                case "data_offsets" when offsets is null: offsets = [.. ReadIntegers(ref reader, name, field, 2, long.MaxValue)]; break;
                default: throw new AttuneFormatException(_path, $"tensor '{name}'", $"field '{field}'", "dtype, shape and data_offsets, each once");
            }
        }
        if (dtype is null || shape is null || offsets is not { Length: 2 })
            throw new AttuneFormatException(_path, $"tensor '{name}'", "an incomplete entry", "dtype, shape and two data_offsets");
        Add(name, dtype.Value, shape.Value, offsets.Value[0], offsets.Value[1]);
    }

    private void Add(string name, DType dtype, ImmutableArray<int> shape, long begin, long end)
    {
        long? count = StoredShape.CountOrNull(shape.AsSpan());
        if (count is null || count > long.MaxValue / dtype.Size())
            throw new AttuneFormatException(_path, $"tensor '{name}'", $"shape {StoredShape.Describe(shape)}", "a size below 2^63 bytes");
        long bytes = count.Value * dtype.Size();
        if (begin > end || end - begin != bytes)
            throw new AttuneFormatException(_path, $"tensor '{name}'", $"data_offsets {begin}..{end}", $"{bytes} bytes, as {dtype.Name()} {StoredShape.Describe(shape)} takes");
        _entries.Add(new(name, dtype, shape, count.Value, begin, end));
    }

    private DType ReadDType(ref Utf8JsonReader reader, string name)
    {
        string text = reader.TokenType == JsonTokenType.String ? reader.GetString()! : reader.TokenType.ToString();
        return DTypes.TryParse(text, out DType dtype)
            ? dtype
            : throw new AttuneFormatException(_path, $"tensor '{name}'", $"dtype {text}", $"one of {DTypes.AllNames}");
    }

    private List<long> ReadIntegers(ref Utf8JsonReader reader, string name, string field, int maxLength, long max)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new AttuneFormatException(_path, $"tensor '{name}'", $"{field} as {reader.TokenType}", "an array of integers");
        List<long> values = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long value) || value < 0 || value > max)
            {
                string found = reader.TokenType == JsonTokenType.Number ? Encoding.UTF8.GetString(reader.ValueSpan) : reader.TokenType.ToString();
                throw new AttuneFormatException(_path, $"tensor '{name}'", $"{found} in {field}", $"integers from 0 to {max}");
            }
            if (values.Count == maxLength)
                throw new AttuneFormatException(_path, $"tensor '{name}'", $"more than {maxLength} numbers in {field}", $"at most {maxLength}");
            values.Add(value);
        }
        return values;
    }

    // Tensors must cover the data from its first to its last byte without overlap or gap.
    private void CheckLayout(long dataLength)
    {
        bool sorted = true;
        for (int i = 1; i < _entries.Count; i++) sorted &= Before(_entries[i - 1], _entries[i]) <= 0;
        if (!sorted)
        {
            // A stable sort: empty tensors share their place with a neighbour and keep the header's order.
            SafetensorsEntry[] ordered = [.. _entries.OrderBy(entry => entry.Begin).ThenBy(entry => entry.End)];
            _entries.Clear();
            _entries.AddRange(ordered);
        }
        long expected = 0;
        foreach (SafetensorsEntry entry in _entries)
        {
            if (entry.Begin != expected)
                throw new AttuneFormatException(_path, $"tensor '{entry.Name}'", $"data at {entry.Begin}", $"data at {expected}, where the tensor before it ends", entry.Begin < expected ? "Two tensors overlap." : "There is a gap that no tensor covers.");
            expected = entry.End;
        }
        if (expected == dataLength) return;
        throw new AttuneFormatException(_path, "data", $"{dataLength} bytes after the header", $"{expected} bytes, as the header says",
            dataLength < expected ? "The file is cut off; get it again." : "There are bytes that no tensor covers; get the file again.");

        static int Before(SafetensorsEntry a, SafetensorsEntry b) => a.Begin != b.Begin ? a.Begin.CompareTo(b.Begin) : a.End.CompareTo(b.End);
    }
}
