namespace Attune.Formats;

/// <summary>Reads small untrusted files whole, after checking their size.</summary>
public static class BoundedFile
{
    /// <summary>Reads a file of at most <paramref name="maxBytes"/> bytes.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxBytes">The largest size taken into memory.</param>
    /// <param name="what">What the file is, for messages (e.g. "a config file").</param>
    /// <exception cref="AttuneFormatException">The file is missing, unreadable or larger.</exception>
    public static byte[] ReadAllBytes(string path, int maxBytes, string what) => ReadFailure.Guard(path, () =>
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        long length = stream.Length;
        if (length > maxBytes)
            throw new AttuneFormatException(path, "size", $"{length} bytes", $"at most {maxBytes} bytes for {what}");
        byte[] bytes = new byte[(int)length];
        stream.ReadExactly(bytes);
        return bytes;
    });
}
