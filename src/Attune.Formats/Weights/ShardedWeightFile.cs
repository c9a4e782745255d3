using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Attune.Formats;

/// <summary>
/// Weights spread over several files that an index (<c>model.safetensors.index.json</c> or <c>pytorch_model.bin.index.json</c>) names:
/// its <c>weight_map</c> says which file holds which tensor.
/// </summary>
public sealed class ShardedWeightFile : IWeightFile
{
    private const int MaxListed = 8;

    private readonly List<IWeightFile> _shards = [];
    private readonly List<StoredTensor> _tensors = [];
    private readonly Dictionary<string, StoredTensor> _byName = new(StringComparer.Ordinal);

    private ShardedWeightFile(string path) => Path = path;

    /// <inheritdoc/>
    public string Path { get; }

    /// <inheritdoc/>
    public IReadOnlyList<StoredTensor> Tensors => _tensors;

    /// <inheritdoc/>
    public IReadOnlyList<KeyValuePair<string, string>> Metadata => _shards.Count > 0 ? _shards[0].Metadata : [];

    /// <summary>Opens an index and every file that it names.</summary>
    /// <param name="indexPath">The index; its shards lie beside it.</param>
    /// <exception cref="AttuneFormatException">A missing shard or tensor (all of them are named), or a fault in one of the files.</exception>
    public static ShardedWeightFile Open(string indexPath)
    {
        IReadOnlyList<KeyValuePair<string, string>> map = JsonFields.Load(indexPath).StringMapOrNull("weight_map")
            ?? throw new AttuneFormatException(indexPath, "field 'weight_map'", "nothing (the field is missing)", "an object of tensor name to file name");
        string folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(indexPath))!;
        string[] names = [.. map.Select(entry => entry.Value).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        foreach (string name in names) CheckName(indexPath, name);
        string[] missing = [.. names.Where(name => !File.Exists(System.IO.Path.Combine(folder, name)))];
        if (missing.Length > 0)
            throw new AttuneFormatException(indexPath, "weight_map", $"shards that are not in the folder: {List(missing)}", "every shard beside the index", "Get the missing files.");
        ShardedWeightFile file = new(indexPath);
        try
        {
            file.OpenShards(names.Select(name => System.IO.Path.Combine(folder, name)), map);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Writes tensors as shards with an index, or as one file without an index where they fit into one shard.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="writer">The tensors and metadata.</param>
    /// <param name="maxShardBytes">The most bytes of tensors in one file; a larger tensor has a file of its own.</param>
    /// <exception cref="AttuneWriteException">Full disk, read-only folder or the like.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxShardBytes"/> is below 1.</exception>
    public static void Save(string folder, SafetensorsWriter writer, long maxShardBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxShardBytes);
        List<List<SafetensorsWriter.PendingTensor>> shards = Split(writer.Pending, maxShardBytes);
        if (shards.Count <= 1)
        {
            writer.Save(System.IO.Path.Combine(folder, WeightFile.SingleName));
            File.Delete(System.IO.Path.Combine(folder, WeightFile.IndexName));
            return;
        }
        JsonObject map = [];
        for (int i = 0; i < shards.Count; i++)
        {
            string name = FormattableString.Invariant($"model-{i + 1:D5}-of-{shards.Count:D5}.safetensors");
            writer.SaveSome(System.IO.Path.Combine(folder, name), shards[i]);
            foreach (SafetensorsWriter.PendingTensor tensor in shards[i]) map[tensor.Name] = name;
        }
        JsonObject index = new()
        {
            ["metadata"] = new JsonObject { ["total_size"] = writer.DataLength },
            ["weight_map"] = new JsonObject(map.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => KeyValuePair.Create(entry.Key, entry.Value?.DeepClone()))),
        };
        using MemoryStream text = new();
        using (Utf8JsonWriter json = new(text, new JsonWriterOptions { Indented = true })) index.WriteTo(json);
        text.WriteByte((byte)'\n');
        AtomicFile.WriteAllBytes(System.IO.Path.Combine(folder, WeightFile.IndexName), text.ToArray());
        // An older single file would be read instead of the shards.
        File.Delete(System.IO.Path.Combine(folder, WeightFile.SingleName));
    }

    /// <inheritdoc/>
    public bool TryGet(string name, [NotNullWhen(true)] out StoredTensor? tensor) => _byName.TryGetValue(name, out tensor);

    /// <summary>Unmaps all files; their tensors must not be used any more.</summary>
    public void Dispose()
    {
        foreach (IWeightFile shard in _shards) shard.Dispose();
    }

    private void OpenShards(IEnumerable<string> paths, IReadOnlyList<KeyValuePair<string, string>> map)
    {
        Dictionary<string, string> shardOf = new(map, StringComparer.Ordinal);
        foreach (string path in paths)
        {
            IWeightFile shard = WeightFile.OpenSingle(path);
            _shards.Add(shard);
            string shardName = System.IO.Path.GetFileName(path);
            foreach (StoredTensor tensor in shard.Tensors)
            {
                // A tensor that the index places elsewhere, or that came from an earlier shard, is a copy nobody asked for.
                if (shardOf.TryGetValue(tensor.Name, out string? home) && home != shardName) continue;
                if (_byName.TryAdd(tensor.Name, tensor)) _tensors.Add(tensor);
            }
        }
        string[] missing = [.. map.Where(entry => !_byName.ContainsKey(entry.Key)).Select(entry => $"{entry.Key} (in {entry.Value})")];
        if (missing.Length > 0)
            throw new AttuneFormatException(Path, "weight_map", $"tensors that their shards do not hold: {List(missing)}", "every tensor in its shard", "Index and shards do not belong together; get them again.");
    }

    private static void CheckName(string indexPath, string name)
    {
        if (name.Length == 0 || name is "." or ".." || name.AsSpan().ContainsAny('/', '\\', '\0') || System.IO.Path.IsPathRooted(name))
            throw new AttuneFormatException(indexPath, "weight_map", $"shard name '{name}'", "a plain file name in the index's own folder");
    }

    private static string List(string[] names) =>
        string.Join(", ", names.Take(MaxListed)) + (names.Length > MaxListed ? $" and {names.Length - MaxListed} more" : "");

    private static List<List<SafetensorsWriter.PendingTensor>> Split(IReadOnlyList<SafetensorsWriter.PendingTensor> tensors, long maxShardBytes)
    {
        List<List<SafetensorsWriter.PendingTensor>> shards = [];
        long room = 0;
        foreach (SafetensorsWriter.PendingTensor tensor in tensors)
        {
            if (shards.Count == 0 || tensor.ByteLength > room)
            {
                shards.Add([]);
                room = maxShardBytes;
            }
            shards[^1].Add(tensor);
            room -= Math.Min(room, tensor.ByteLength);
        }
        return shards;
    }
}
