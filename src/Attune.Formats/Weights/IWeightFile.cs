using System.Diagnostics.CodeAnalysis;

namespace Attune.Formats;

/// <summary>A file, or set of files, of named tensors.</summary>
/// <remarks>
/// Dispose it only when no tensor refers to its memory any more; left undisposed, it is unmapped when nothing refers to it.
/// Reading from several threads is safe.
/// </remarks>
public interface IWeightFile : IDisposable
{
    /// <summary>The file, or the index of a set of files.</summary>
    string Path { get; }

    /// <summary>All tensors in the order of the file.</summary>
    IReadOnlyList<StoredTensor> Tensors { get; }

    /// <summary>Free-text entries of the file, in its order; empty where the format has none.</summary>
    IReadOnlyList<KeyValuePair<string, string>> Metadata { get; }

    /// <summary>Finds a tensor by name.</summary>
    bool TryGet(string name, [NotNullWhen(true)] out StoredTensor? tensor);
}

/// <summary>Getters that every weight file has.</summary>
public static class WeightFileExtensions
{
    /// <summary>Finds a tensor that must be there.</summary>
    /// <exception cref="AttuneFormatException">No tensor has the name.</exception>
    public static StoredTensor Get(this IWeightFile file, string name) => file.TryGet(name, out StoredTensor? tensor)
        ? tensor
        : throw new AttuneFormatException(file.Path, $"tensor '{name}'", $"no such name among {file.Tensors.Count} tensors", "the tensor");
}
