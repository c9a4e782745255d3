using System.Runtime.CompilerServices;

namespace Attune.Formats;

/// <summary>Bytes in memory that do not move, for tensors that had to be copied.</summary>
internal sealed unsafe class PinnedBytes : IStoredBytes
{
    private readonly byte[] _bytes;

    /// <summary>Takes memory for a file's tensor.</summary>
    public PinnedBytes(string path, int length)
    {
        Path = path;
        _bytes = GC.AllocateUninitializedArray<byte>(Math.Max(length, 1), pinned: true);
        Pointer = (byte*)Unsafe.AsPointer(ref _bytes[0]);
    }

    /// <inheritdoc/>
    public string Path { get; }

    /// <inheritdoc/>
    public bool IsDisposed => false;

    /// <summary>The first byte.</summary>
    public byte* Pointer { get; }

    /// <inheritdoc/>
    /// <remarks>Nothing: they stand nowhere else in this form.</remarks>
    public void GiveBack(byte* start, long length)
    {
    }
}
