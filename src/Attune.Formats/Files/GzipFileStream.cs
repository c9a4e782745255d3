using System.Buffers.Binary;
using System.IO.Compression;

namespace Attune.Formats;

/// <summary>
/// Unpacks a gzip file and notices when it is cut off, which <see cref="GZipStream"/> takes for its end: the last four bytes of a whole file are
/// the unpacked length of its last member, which cannot be more than everything that was unpacked.
/// </summary>
internal sealed class GzipFileStream : Stream
{
    private const int MinLength = 18;

    private readonly GZipStream _unpacked;
    private readonly long _lastLength;
    private long _total;

    /// <summary>Unpacks from the file's beginning; the file is closed with this stream.</summary>
    /// <exception cref="InvalidDataException">The file is too short for gzip.</exception>
    public GzipFileStream(FileStream file)
    {
        if (file.Length < MinLength) throw new InvalidDataException($"{file.Length} bytes are too few for a gzip file.");
        Span<byte> end = stackalloc byte[4];
        file.Position = file.Length - end.Length;
        file.ReadExactly(end);
        _lastLength = BinaryPrimitives.ReadUInt32LittleEndian(end);
        file.Position = 0;
        _unpacked = new GZipStream(file, CompressionMode.Decompress);
    }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => _total; set => throw new NotSupportedException(); }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        int read = _unpacked.Read(buffer);
        _total += read;
        if (read == 0 && buffer.Length > 0 && _total < _lastLength)
            throw new InvalidDataException($"{_total} bytes could be unpacked, but the file's end speaks of {_lastLength}.");
        return read;
    }

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _unpacked.Dispose();
        base.Dispose(disposing);
    }
}
