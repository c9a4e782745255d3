namespace Attune.Formats;

/// <summary>What owns the bytes of stored tensors: a mapped file or memory.</summary>
internal interface IStoredBytes
{
    /// <summary>The file the bytes came from.</summary>
    string Path { get; }

    /// <summary>Whether the bytes are gone.</summary>
    bool IsDisposed { get; }
}
