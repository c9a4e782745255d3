namespace Attune.Formats;

/// <summary>
/// Writes a whole folder (a checkpoint, a model) so that it appears complete or not at all: filled beside, forced to the disk, renamed.
/// </summary>
public static class AtomicFolder
{
    /// <summary>Fills a folder beside <paramref name="path"/> and puts it in place, replacing an older one.</summary>
    /// <param name="path">The folder to make or replace.</param>
    /// <param name="fill">Gets the path of the empty folder to fill.</param>
    /// <exception cref="AttuneWriteException">Any failure of the operating system; an older folder at <paramref name="path"/> is whole.</exception>
    /// <remarks>Where an older folder is replaced, there is one instant between two renames without either; new names have no such instant.</remarks>
    public static void Write(string path, Action<string> fill)
    {
        string temporary = AtomicFile.TemporaryBeside(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
        try
        {
            Write(path, temporary, fill);
        }
        finally
        {
            DeleteIfLeft(temporary);
        }
    }

    /// <summary>As <see cref="Write(string, Action{string})"/>, but fills a folder that the caller names, and that keeps what it holds if this fails.</summary>
    /// <param name="path">The folder to make or replace.</param>
    /// <param name="workFolder">The folder to fill, on the same disk; gone afterwards.</param>
    /// <param name="fill">Gets the path of the folder to fill.</param>
    /// <exception cref="AttuneWriteException">Any failure of the operating system; an older folder at <paramref name="path"/> is whole.</exception>
    public static void Write(string path, string workFolder, Action<string> fill)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        string replaced = AtomicFile.TemporaryBeside(full);
        try
        {
            Directory.CreateDirectory(workFolder);
            fill(workFolder);
            FlushAll(workFolder);
            if (Directory.Exists(full)) Directory.Move(full, replaced);
            try
            {
                Directory.Move(workFolder, full);
            }
            catch when (Directory.Exists(replaced))
            {
                Directory.Move(replaced, full);
                throw;
            }
            FolderSync.Flush(Path.GetDirectoryName(full)!);
        }
        catch (Exception e) when (e is IOException and not AttuneWriteException or UnauthorizedAccessException)
        {
            throw new AttuneWriteException(path, e);
        }
        finally
        {
            DeleteIfLeft(replaced);
        }
    }

    private static void FlushAll(string folder)
    {
        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            using FileStream stream = new(file, FileMode.Open, FileAccess.ReadWrite);
            stream.Flush(flushToDisk: true);
        }
        foreach (string inner in Directory.EnumerateDirectories(folder, "*", SearchOption.AllDirectories)) FolderSync.Flush(inner);
        FolderSync.Flush(folder);
    }

    private static void DeleteIfLeft(string folder)
    {
        try
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The first failure is the one to report; a leftover beside the result harms nobody.
        }
    }
}
