namespace Attune.Formats;

/// <summary>
/// The allow-list: the only names that a weight file may mention, and what each makes. Everything else is refused by name;
/// nothing is looked up and nothing runs.
/// </summary>
internal static class TorchConstructors
{
    private const string RebuildTensor = "torch._utils._rebuild_tensor", RebuildTensor2 = "torch._utils._rebuild_tensor_v2";
    private const string RebuildParameter = "torch._utils._rebuild_parameter", OrderedDictionary = "collections.OrderedDict", Size = "torch.Size";

    private static readonly HashSet<string> s_callable = new(StringComparer.Ordinal) { RebuildTensor, RebuildTensor2, RebuildParameter, OrderedDictionary, Size };

    private static readonly Dictionary<string, DType> s_storages = new(StringComparer.Ordinal)
    {
        ["torch.FloatStorage"] = DType.F32,
        ["torch.HalfStorage"] = DType.F16,
        ["torch.BFloat16Storage"] = DType.BF16,
        ["torch.DoubleStorage"] = DType.F64,
        ["torch.LongStorage"] = DType.I64,
        ["torch.IntStorage"] = DType.I32,
        ["torch.ShortStorage"] = DType.I16,
        ["torch.CharStorage"] = DType.I8,
        ["torch.ByteStorage"] = DType.U8,
        ["torch.BoolStorage"] = DType.Bool,
    };

    /// <summary>The name that torch gives storages of a type; null if it has none.</summary>
    public static string? StorageOf(DType dtype) =>
        s_storages.FirstOrDefault(entry => entry.Value == dtype).Key?["torch.".Length..];

    /// <summary>Checks a name.</summary>
    /// <exception cref="AttuneFormatException">The name is not on the list.</exception>
    public static PickleGlobal Global(string module, string name, string path)
    {
        string full = $"{module}.{name}";
        return s_callable.Contains(full) || s_storages.ContainsKey(full)
            ? new PickleGlobal(module, name)
            : throw new AttuneFormatException(path, "pickle", $"a reference to '{full}'", $"only {string.Join(", ", s_callable.Order(StringComparer.Ordinal))} and torch storages", "Nothing in a weight file is ever run. Save a state_dict of plain tensors, better as safetensors.");
    }

    /// <summary>Makes what a call in the pickle describes.</summary>
    /// <exception cref="AttuneFormatException">Not a call of an allowed constructor with its arguments.</exception>
    public static object? Construct(object? callable, object? arguments, string path)
    {
        string name = callable is PickleGlobal global ? $"{global.Module}.{global.Name}" : "?";
        object?[] given = arguments is PickleTuple tuple ? tuple.Items : throw Wrong(name, path);
        return name switch
        {
            RebuildTensor or RebuildTensor2 when given.Length >= 4 => Tensor(given, name, path),
            RebuildParameter when given is [PickleTensor tensor, ..] => tensor,
            OrderedDictionary when given.Length == 0 => new PickleDictionary([]),
            OrderedDictionary when given is [PickleList pairs] => Pairs(pairs, name, path),
            Size when given is [PickleTuple or PickleList] => given[0],
            _ => throw Wrong(name, path),
        };
    }

    /// <summary>Reads a persistent id: ("storage", storage class, key, device, count[, view]).</summary>
    /// <exception cref="AttuneFormatException">Anything else.</exception>
    public static PickleStorage PersistentStorage(object? id, string path)
    {
        if (id is not PickleTuple { Items: ["storage", PickleGlobal type, string key, _, long count, .. object?[] rest] }
            || count < 0 || !s_storages.TryGetValue($"{type.Module}.{type.Name}", out DType dtype))
            throw Wrong("a persistent id", path);
        return rest switch
        {
            [] or [null] => new PickleStorage(key, dtype, 0, count),
            // Legacy files: a part of a larger storage, as (key of the view, first element, number of elements).
            [PickleTuple { Items: [_, long start, long size] }] when start >= 0 && size >= 0 && start <= count - size => new PickleStorage(key, dtype, start, size),
            _ => throw Wrong("a persistent id", path),
        };
    }

    private static PickleTensor Tensor(object?[] given, string name, string path)
    {
        if (given is not [PickleStorage storage, long offset, PickleTuple size, PickleTuple stride, ..]
            || size.Items.Length != stride.Items.Length || size.Items.Length > StoredShape.MaxRank || offset < 0)
            throw Wrong(name, path);
        int[] shape = new int[size.Items.Length];
        long[] strides = new long[shape.Length];
        for (int axis = 0; axis < shape.Length; axis++)
        {
            if (size.Items[axis] is not (long and >= 0 and <= int.MaxValue) || stride.Items[axis] is not (long and >= 0)) throw Wrong(name, path);
            shape[axis] = (int)(long)size.Items[axis]!;
            strides[axis] = (long)stride.Items[axis]!;
        }
        return new PickleTensor(storage, offset, shape, strides);
    }

    private static PickleDictionary Pairs(PickleList pairs, string name, string path)
    {
        PickleDictionary dictionary = new([]);
        foreach (object? pair in pairs.Items)
        {
            object?[] items = pair switch { PickleTuple t => t.Items, PickleList l => [.. l.Items], _ => [] };
            if (items.Length != 2) throw Wrong(name, path);
            dictionary.Items.Add(new(items[0], items[1]));
        }
        return dictionary;
    }

    private static AttuneFormatException Wrong(string name, string path) =>
        new(path, "pickle", $"{name} with other arguments than torch gives it", "a checkpoint written by torch.save");
}
