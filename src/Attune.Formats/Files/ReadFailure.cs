namespace Attune.Formats;

/// <summary>Turns failures of reading into format exceptions that name the file.</summary>
internal static class ReadFailure
{
    /// <summary>Runs a read.</summary>
    /// <exception cref="AttuneFormatException">The file is missing, a folder, not permitted, unreadable, or damaged gzip.</exception>
    public static T Guard<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new AttuneFormatException("there is no such file.", path, e);
        }
        catch (InvalidDataException e)
        {
            throw new AttuneFormatException($"the gzip data are damaged or cut off: {e.Message}", path, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AttuneFormatException(Directory.Exists(path) ? "is a folder, where a file is expected." : $"cannot be read: {e.Message}", path, e);
        }
    }
}
