namespace Attune.Formats;

/// <summary>Reads streams whose length is unknown (gzip) or not to be trusted.</summary>
internal static class BoundedStream
{
    /// <summary>Reads everything; memory grows with what really arrives.</summary>
    /// <exception cref="AttuneFormatException">More than <paramref name="maxBytes"/>, or unreadable.</exception>
    public static ReadOnlyMemory<byte> ReadToEnd(Stream stream, int maxBytes, string path)
    {
        byte[] bytes = new byte[1 << 14];
        int length = 0;
        while (ReadFailure.Guard(path, () => stream.Read(bytes, length, bytes.Length - length)) is > 0 and int read)
        {
            length += read;
            if (length > maxBytes) throw new AttuneFormatException(path, "size", $"more than {maxBytes} bytes", $"at most {maxBytes} bytes");
            if (length == bytes.Length) Array.Resize(ref bytes, (int)Math.Min(2L * length, Math.Max(maxBytes + 1L, length + 1L)));
        }
        return bytes.AsMemory(0, length);
    }
}
