using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Attune.Formats;

/// <summary>
/// A safetensors file, mapped into memory: nothing is copied until a tensor is asked for its elements.
/// The whole header is checked when the file is opened.
/// </summary>
/// <remarks>Assumes a little-endian machine, as .NET runs on.</remarks>
public sealed unsafe class SafetensorsFile : IWeightFile
{
    private const int LengthBytes = 8;

    private readonly MappedFile _file;
    private readonly StoredTensor[] _tensors;
    private readonly Dictionary<string, StoredTensor> _byName;

    private SafetensorsFile(MappedFile file, SafetensorsHeader header, long dataStart)
    {
        _file = file;
        Metadata = header.Metadata;
        _tensors = new StoredTensor[header.Entries.Count];
        _byName = new Dictionary<string, StoredTensor>(_tensors.Length, StringComparer.Ordinal);
        for (int i = 0; i < _tensors.Length; i++)
        {
            SafetensorsEntry entry = header.Entries[i];
            _tensors[i] = new StoredTensor(entry.Name, entry.DType, entry.Shape, entry.Count, file.Pointer + dataStart + entry.Begin, file);
            _byName.Add(entry.Name, _tensors[i]);
        }
    }

    /// <inheritdoc/>
    public string Path => _file.Path;

    /// <inheritdoc/>
    public IReadOnlyList<StoredTensor> Tensors => _tensors;

    /// <inheritdoc/>
    public IReadOnlyList<KeyValuePair<string, string>> Metadata { get; }

    /// <summary>Maps a file and checks its header.</summary>
    /// <exception cref="AttuneFormatException">The file is missing, cut off, or breaks a rule of the format.</exception>
    public static SafetensorsFile Open(string path)
    {
        MappedFile file = new(path);
        try
        {
            if (file.Length < LengthBytes)
                throw new AttuneFormatException(path, "header length", $"a file of {file.Length} bytes", "at least 8 bytes", "The file is cut off or not a safetensors file.");
            ulong length = BinaryPrimitives.ReadUInt64LittleEndian(file.Slice(0, LengthBytes));
            if (length > SafetensorsHeader.MaxLength || (long)length > file.Length - LengthBytes)
                throw new AttuneFormatException(path, "header length", length.ToString(System.Globalization.CultureInfo.InvariantCulture), $"at most {Math.Min(SafetensorsHeader.MaxLength, file.Length - LengthBytes)}", "The file is cut off or not a safetensors file.");
            long dataStart = LengthBytes + (long)length;
            return new SafetensorsFile(file, SafetensorsHeader.Parse(file.Slice(LengthBytes, (int)length), file.Length - dataStart, path), dataStart);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public bool TryGet(string name, [NotNullWhen(true)] out StoredTensor? tensor) => _byName.TryGetValue(name, out tensor);

    /// <summary>Unmaps the file; its tensors must not be used any more.</summary>
    public void Dispose() => _file.Dispose();
}
