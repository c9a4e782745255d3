using Attune.Formats;

namespace Attune.Training.Checkpoints;

/// <summary>Keeps a second process from training in the same folder. The operating system lets go of it when the process ends, however it ends.</summary>
internal sealed class RunLock : IDisposable
{
    private const string Name = "run.lock";

    private readonly FileStream _file;

    private RunLock(FileStream file) => _file = file;

    /// <summary>Takes the lock.</summary>
    /// <exception cref="InvalidOperationException">Another process trains in this folder.</exception>
    /// <exception cref="AttuneWriteException">The folder cannot be written.</exception>
    public static RunLock Take(string folder)
    {
        string path = Path.Combine(folder, Name);
        try
        {
            Directory.CreateDirectory(folder);
            // Not deleted at the end: a deleted lock could be held by one process while another makes it anew.
            return new RunLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e) when (e is not DirectoryNotFoundException and not PathTooLongException && File.Exists(path))
        {
            throw new InvalidOperationException($"{folder}: another process is training in this folder. Wait for it or choose another folder.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AttuneWriteException(folder, e);
        }
    }

    public void Dispose() => _file.Dispose();
}
