using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace Attune.Formats;

/// <summary>A file mapped read-only into memory. Unmapped when disposed or when nothing refers to it any more.</summary>
/// <remarks>Whoever shortens the file while it is mapped brings the process down; files that are replaced by renaming do no harm.</remarks>
public sealed unsafe class MappedFile : IStoredBytes, IDisposable
{
    private readonly MemoryMappedFile? _file;
    private readonly MemoryMappedViewAccessor? _view;
    private byte* _pointer;
    private bool _disposed;

    /// <summary>Maps a file.</summary>
    /// <exception cref="AttuneFormatException">The file is missing or cannot be read.</exception>
    public MappedFile(string path)
    {
        Path = path;
        using FileStream stream = ReadFailure.Guard(path, () => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0));
        Length = stream.Length;
        // An empty file cannot be mapped.
        if (Length == 0) return;
        (_file, _view) = ReadFailure.Guard(path, () =>
        {
            MemoryMappedFile file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
            return (file, file.CreateViewAccessor(0, stream.Length, MemoryMappedFileAccess.Read));
        });
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _pointer);
        _pointer += _view.PointerOffset;
        if (!Slice(0, (int)Math.Min(Length, LargeFilePointer.Length)).SequenceEqual(LargeFilePointer)) return;
        Dispose();
        throw new AttuneFormatException(path, "content", "a Git LFS pointer", "the file that it points to", "Get that with 'git lfs pull', or download it.");
    }

    // What stands in the place of large files in a clone that was made without Git LFS.
    private static ReadOnlySpan<byte> LargeFilePointer => "version https://git-lfs.github.com/spec/"u8;

    /// <summary>Unmaps the file if its owner forgot to.</summary>
    ~MappedFile() => Release();

    /// <inheritdoc cref="IStoredBytes.Path"/>
    public string Path { get; }

    /// <summary>Bytes in the file.</summary>
    public long Length { get; }

    /// <inheritdoc cref="IStoredBytes.IsDisposed"/>
    public bool IsDisposed => _disposed;

    /// <summary>The first byte; null for an empty file.</summary>
    /// <exception cref="ObjectDisposedException">The file was disposed.</exception>
    public byte* Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _pointer;
        }
    }

    /// <summary>A piece of the file.</summary>
    /// <exception cref="AttuneFormatException">The piece is not inside of the file.</exception>
    public ReadOnlySpan<byte> Slice(long offset, int length)
    {
        if (offset < 0 || length < 0 || offset > Length - length)
            throw new AttuneFormatException(Path, $"bytes {offset} to {(Int128)offset + length}", $"a file of {Length} bytes", "a longer file", "The file is cut off; get it again.");
        return new ReadOnlySpan<byte>(Pointer + offset, length);
    }

    /// <summary>
    /// Lets the system take the memory of a piece of the file back until it is read again. Other threads may read it meanwhile. Only Linux does so at
    /// once.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The piece is not inside of the file.</exception>
    public void GiveBack(byte* start, long length)
    {
        if (start < Pointer || length < 0 || start - Pointer > Length - length)
            throw new ArgumentOutOfRangeException(nameof(start), $"The piece of {length} bytes is not inside of {Path}.");
        FilePages.GiveBack(start, length);
    }

    /// <summary>Unmaps the file: pointers and spans into it must not be used any more.</summary>
    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    private void Release()
    {
        if (_disposed) return;
        _disposed = true;
        if (_view is null) return;
        SafeMemoryMappedViewHandle handle = _view.SafeMemoryMappedViewHandle;
        if (_pointer is not null && !handle.IsClosed) handle.ReleasePointer();
        _view.Dispose();
        _file!.Dispose();
    }
}
