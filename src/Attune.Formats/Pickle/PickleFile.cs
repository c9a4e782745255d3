using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Text;

namespace Attune.Formats;

/// <summary>
/// A checkpoint written by <c>torch.save</c> (<c>pytorch_model.bin</c>, <c>.pt</c>, <c>.pth</c>): a zip archive with a pickle, or the older
/// format without archive. Read as data only; no code in it is run, and any class or function besides torch's own for
/// tensors is refused. Contiguous tensors stay in the mapped file; others are copied.
/// </summary>
public sealed unsafe class PickleFile : IWeightFile
{
    private const int LegacyVersion = 1001;

    // Where the file's dictionary holds the weights further down, as training scripts like to save them.
    private static readonly string[] s_wrappers = ["state_dict", "model_state_dict", "model", "module"];

    private const int MaxWrappers = 4, MaxListed = 12;

    private static readonly BigInteger s_legacyMagic = BigInteger.Parse("119547037146038801333356", System.Globalization.CultureInfo.InvariantCulture);

    private readonly MappedFile _file;
    private readonly List<StoredTensor> _tensors = [];
    private readonly Dictionary<string, StoredTensor> _byName = new(StringComparer.Ordinal);

    private PickleFile(MappedFile file) => _file = file;

    /// <inheritdoc/>
    public string Path => _file.Path;

    /// <inheritdoc/>
    public IReadOnlyList<StoredTensor> Tensors => _tensors;

    /// <inheritdoc/>
    public IReadOnlyList<KeyValuePair<string, string>> Metadata => [];

    /// <summary>Maps a checkpoint and reads what tensors it holds.</summary>
    /// <exception cref="AttuneFormatException">Missing, cut off, not a checkpoint, or not data alone.</exception>
    public static PickleFile Open(string path)
    {
        MappedFile mapped = new(path);
        try
        {
            PickleFile file = new(mapped);
            if (StoredZip.IsZip(mapped)) file.ReadZip();
            else file.ReadLegacy();
            return file;
        }
        catch
        {
            mapped.Dispose();
            throw;
        }
    }

    /// <summary>Writes tensors as <c>torch.save</c> writes a <c>state_dict</c>.</summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="tensors">The tensors; their metadata have no place in this format.</param>
    /// <exception cref="AttuneWriteException">Full disk, read-only folder or the like.</exception>
    /// <exception cref="ArgumentException">A tensor is of a type that PyTorch checkpoints do not have.</exception>
    public static void Save(string path, SafetensorsWriter tensors) => TorchArchive.Save(path, tensors.Pending);

    /// <inheritdoc/>
    public bool TryGet(string name, [NotNullWhen(true)] out StoredTensor? tensor) => _byName.TryGetValue(name, out tensor);

    /// <summary>Unmaps the file; its tensors must not be used any more.</summary>
    public void Dispose() => _file.Dispose();

    private void ReadZip()
    {
        const string programName = "/data.pkl";
        StoredZip zip = StoredZip.Open(_file);
        string program = zip.Names.FirstOrDefault(name => name.EndsWith(programName, StringComparison.Ordinal))
            ?? throw new AttuneFormatException(Path, "archive", "no entry data.pkl", "a checkpoint written by torch.save");
        string root = program[..^programName.Length];
        if (zip.Find(root + "/byteorder") is { } order && Encoding.UTF8.GetString(_file.Slice(order.Offset, (int)Math.Min(order.Length, 16))) is not "little" and string text)
            throw new AttuneFormatException(Path, "byteorder", text, "little", "Save the checkpoint on a little-endian machine.");
        (long offset, long length) = zip.Find(program)!.Value;
        if (length > PickleMachine.MaxLength) throw new AttuneFormatException(Path, program, $"{length} bytes", $"at most {PickleMachine.MaxLength} bytes");
        object? result = PickleMachine.Run(_file.Slice(offset, (int)length), Path, out _);
        AddAll(result, storage => zip.Find($"{root}/data/{storage.Key}"));
    }

    // Three small pickles (magic number, version, system), the dictionary, the list of storage keys, then for each key its
    // number of elements (64 bits) and its data.
    private void ReadLegacy()
    {
        long at = 0;
        if (NextProgram(ref at) is not BigInteger magic || magic != s_legacyMagic)
            throw new AttuneFormatException(Path, "beginning", "neither a zip archive nor the number that older checkpoints begin with", "a checkpoint written by torch.save");
        if (NextProgram(ref at) is not (long and LegacyVersion)) throw new AttuneFormatException(Path, "version", "another version", $"{LegacyVersion}");
        _ = NextProgram(ref at);
        object? result = NextProgram(ref at);
        if (NextProgram(ref at) is not PickleList keys) throw new AttuneFormatException(Path, "storage keys", "no list", "a list");
        Dictionary<string, DType> types = StorageTypes(result);
        Dictionary<string, (long Offset, long Length)> places = new(StringComparer.Ordinal);
        foreach (object? item in keys.Items)
        {
            if (item is not string key || !types.TryGetValue(key, out DType dtype) || places.ContainsKey(key))
                throw new AttuneFormatException(Path, "storage keys", "a key that no tensor uses, or twice the same", "the keys of the tensors' storages");
            long count = BitConverter.ToInt64(_file.Slice(at, sizeof(long)));
            at += sizeof(long);
            if (count < 0 || count > (_file.Length - at) / dtype.Size())
                throw new AttuneFormatException(Path, $"storage '{key}'", $"{count} elements of {dtype.Name()}", $"what fits into the {_file.Length - at} bytes left", "The file is cut off; get it again.");
            places.Add(key, (at, count * dtype.Size()));
            at += count * dtype.Size();
        }
        AddAll(result, storage => places.TryGetValue(storage.Key, out (long, long) place) ? place : null);
    }

    private object? NextProgram(ref long at)
    {
        ReadOnlySpan<byte> rest = _file.Slice(at, (int)Math.Min(_file.Length - at, PickleMachine.MaxLength));
        object? value = PickleMachine.Run(rest, Path, out int length);
        at += length;
        return value;
    }

    private Dictionary<string, DType> StorageTypes(object? result)
    {
        Dictionary<string, DType> types = new(StringComparer.Ordinal);
        foreach ((_, object? value) in StateDictionary(result).Items)
        {
            if (value is PickleTensor tensor) types[tensor.Storage.Key] = tensor.Storage.DType;
        }
        return types;
    }

    private PickleDictionary StateDictionary(object? result)
    {
        if (result is not PickleDictionary top) throw new AttuneFormatException(Path, "pickle", "no dictionary", "a state_dict");
        PickleDictionary state = top;
        for (int depth = 0; depth < MaxWrappers && !HoldsTensors(state); depth++)
        {
            if (Inner(state) is not { } inner) break;
            state = inner;
        }
        if (HoldsTensors(state)) return state;
        string keys = string.Join(", ", state.Items.Select(item => $"'{item.Key}'").Take(MaxListed));
        throw new AttuneFormatException(Path, "pickle", keys.Length == 0 ? "no tensors" : $"no tensors but {keys}", $"a state_dict of tensors, by itself or under one of {string.Join(", ", s_wrappers)}");
    }

    private static bool HoldsTensors(PickleDictionary dictionary) => dictionary.Items.Any(item => item.Value is PickleTensor);

    // The dictionary under one of the usual names or, whatever its name, the only one that holds tensors.
    private static PickleDictionary? Inner(PickleDictionary outer)
    {
        foreach (string wrapper in s_wrappers)
        {
            if (outer.Items.FirstOrDefault(item => wrapper.Equals(item.Key)).Value is PickleDictionary named) return named;
        }
        PickleDictionary[] holders = [.. outer.Items.Select(item => item.Value).OfType<PickleDictionary>().Where(HoldsTensors)];
        return holders.Length == 1 ? holders[0] : null;
    }

    private void AddAll(object? result, Func<PickleStorage, (long Offset, long Length)?> find)
    {
        // Copies of strided views may take twice the file's own size, so that a small file cannot ask for much memory.
        long budget = (_file.Length * 2) + (1 << 20);
        foreach ((object? key, object? value) in StateDictionary(result).Items)
        {
            if (value is not PickleTensor tensor) continue;
            if (key is not string name) throw new AttuneFormatException(Path, "state_dict", "a tensor whose name is not a string", "names");
            StoredTensor stored = Resolve(name, tensor, find(tensor.Storage), ref budget);
            if (!_byName.TryAdd(name, stored)) throw new AttuneFormatException(Path, $"tensor '{name}'", "the name twice", "each name once");
            _tensors.Add(stored);
        }
    }

    private StoredTensor Resolve(string name, PickleTensor tensor, (long Offset, long Length)? place, ref long budget)
    {
        string field = $"tensor '{name}'";
        PickleStorage storage = tensor.Storage;
        int size = storage.DType.Size();
        if (place is not { } data) throw new AttuneFormatException(Path, field, $"storage '{storage.Key}', which is not in the file", "its data", "The file is damaged; get it again.");
        if ((Int128)(storage.Start + (Int128)storage.Count) * size > data.Length)
            throw new AttuneFormatException(Path, field, $"a storage of {data.Length} bytes", $"{storage.Count} elements of {storage.DType.Name()} from element {storage.Start}");
        ImmutableArray<int> shape = [.. tensor.Shape];
        long? count = StoredShape.CountOrNull(tensor.Shape);
        // Int128 holds the sum of 32 products of 31 by 63 bits.
        Int128 last = tensor.Offset;
        for (int axis = 0; axis < shape.Length; axis++) last += (Int128)Math.Max(shape[axis] - 1, 0) * tensor.Strides[axis];
        if (count is null || (count > 0 && last >= storage.Count))
            throw new AttuneFormatException(Path, field, $"shape {StoredShape.Describe(shape)} from element {tensor.Offset}", $"a view inside of its storage of {storage.Count} elements");
        byte* origin = _file.Pointer + data.Offset + (storage.Start * size);
        if (count == 0) return new StoredTensor(name, storage.DType, shape, 0, origin, _file);
        origin += tensor.Offset * size;
        if (StridedCopy.IsContiguous(tensor.Shape, tensor.Strides)) return new StoredTensor(name, storage.DType, shape, count.Value, origin, _file);
        if (count > budget / size)
            throw new AttuneFormatException(Path, field, $"a strided view of {StoredShape.Describe(shape)} elements", "views not much larger than the file", "Save the checkpoint with contiguous tensors.");
        budget -= count.Value * size;
        PinnedBytes copy = new(Path, checked((int)(count.Value * size)));
        StridedCopy.Copy(origin, copy.Pointer, tensor.Shape, tensor.Strides, size);
        return new StoredTensor(name, storage.DType, shape, count.Value, copy.Pointer, copy);
    }
}
