using Attune.Formats;

namespace Attune.Parity.Models;

/// <summary>The tensors of a case, found by the kind that their names begin with.</summary>
internal sealed class GoldenTensors : IDisposable
{
    private readonly SafetensorsFile _file;

    private GoldenTensors(SafetensorsFile file) => _file = file;

    /// <summary>Opens a case's file.</summary>
    /// <exception cref="AttuneFormatException">It is missing or faulty.</exception>
    public static GoldenTensors Open(string path) => new(SafetensorsFile.Open(path));

    /// <summary>The names that begin with a prefix, without it.</summary>
    public IEnumerable<string> Names(string prefix) => _file.Tensors
        .Where(tensor => tensor.Name.StartsWith(prefix, StringComparison.Ordinal))
        .Select(tensor => tensor.Name[prefix.Length..]);

    /// <summary>A tensor; null if there is none of this name.</summary>
    public StoredTensor? Find(string name) => _file.TryGet(name, out StoredTensor? tensor) ? tensor : null;

    /// <summary>A tensor that must be there.</summary>
    /// <exception cref="AttuneFormatException">There is none of this name.</exception>
    public StoredTensor Get(string name) => _file.Get(name);

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
