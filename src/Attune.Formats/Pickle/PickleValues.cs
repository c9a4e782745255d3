namespace Attune.Formats;

// What an unpickled program of a weight file can consist of, besides null, bool, long, BigInteger, double, string and byte[].

/// <summary>A name that the pickle refers to, checked against the allow-list.</summary>
internal sealed record PickleGlobal(string Module, string Name);

/// <summary>A tuple.</summary>
internal sealed record PickleTuple(object?[] Items);

/// <summary>A list.</summary>
internal sealed record PickleList(List<object?> Items);

/// <summary>A dictionary, in the order of insertion; names given twice stay twice.</summary>
internal sealed record PickleDictionary(List<KeyValuePair<object?, object?>> Items);

/// <summary>A storage: <paramref name="Count"/> elements of the data with the key, from element <paramref name="Start"/>.</summary>
internal sealed record PickleStorage(string Key, DType DType, long Start, long Count);

/// <summary>A view into a storage; offset and strides count elements.</summary>
internal sealed record PickleTensor(PickleStorage Storage, long Offset, int[] Shape, long[] Strides);
