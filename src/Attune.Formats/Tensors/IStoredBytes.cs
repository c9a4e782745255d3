namespace Attune.Formats;

/// <summary>What owns the bytes of stored tensors: a mapped file or memory.</summary>
internal unsafe interface IStoredBytes
{
    /// <summary>The file the bytes came from.</summary>
    string Path { get; }

    /// <summary>Whether the bytes are gone.</summary>
    bool IsDisposed { get; }

    /// <summary>Lets the system take back the memory of some bytes until they are read again, if they stand in a file, too.</summary>
    void GiveBack(byte* start, long length);
}
