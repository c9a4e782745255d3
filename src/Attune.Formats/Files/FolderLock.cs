namespace Attune.Formats;

/// <summary>
/// Keeps a second process, or a second holder in this one, out of a folder. The operating system lets go of it when the process ends, however it
/// ends: a lock file that a dead process left is nobody's.
/// </summary>
/// <remarks>Every holder must ask for the same name.</remarks>
public sealed class FolderLock : IDisposable
{
    private readonly FileStream _file;

    private FolderLock(FileStream file) => _file = file;

    /// <summary>Takes the lock of a folder, which is made if it is missing. Waits for nobody.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">The lock file in it.</param>
    /// <param name="activity">What a holder is doing, for the message: "is training in this folder".</param>
    /// <exception cref="InvalidOperationException">Somebody else holds it.</exception>
    /// <exception cref="AttuneWriteException">The folder cannot be written.</exception>
    public static FolderLock Take(string folder, string name, string activity)
    {
        try
        {
            Directory.CreateDirectory(folder);
            // Not deleted at the end: a deleted lock could be held by one process while another makes it anew.
            return new FolderLock(new FileStream(Path.Combine(folder, name), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e) when (IsHeld(e))
        {
            throw new InvalidOperationException($"{folder}: another process {activity}. Wait for it or choose another folder.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AttuneWriteException(folder, e);
        }
    }

    /// <summary>Lets the next one in.</summary>
    public void Dispose() => _file.Dispose();

    private static bool IsHeld(IOException e)
    {
        const int linuxWouldBlock = 11, macWouldBlock = 35;
        const int windowsSharing = unchecked((int)0x80070020), windowsLock = unchecked((int)0x80070021);
        return e.HResult is linuxWouldBlock or macWouldBlock or windowsSharing or windowsLock;
    }
}
