using System.Runtime.InteropServices;

namespace Attune.Formats;

/// <summary>
/// Forces a folder's entries to the disk. On Unix a rename survives a power cut only after its folder is synced, and .NET
/// opens no folders; Windows needs nothing.
/// </summary>
internal static partial class FolderSync
{
    public static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows()) return;
        int descriptor = Open(folder, 0);
        if (descriptor < 0) return;
        // Some file systems refuse to sync folders; then the rename is as safe as that file system makes it.
        _ = Fsync(descriptor);
        _ = Close(descriptor);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
