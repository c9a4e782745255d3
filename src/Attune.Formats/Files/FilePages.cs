using System.Runtime.InteropServices;

namespace Attune.Formats;

/// <summary>Pages of mapped files in memory.</summary>
internal static unsafe partial class FilePages
{
    private const int AdviseNotNeeded = 4;

    /// <summary>
    /// Takes the pages that lie wholly within a piece of a mapped file out of this process's memory. Reading them again brings them back, from the
    /// system's cache or the disk; another thread that is reading them meanwhile is served the same bytes.
    /// </summary>
    /// <remarks>Only a wish, and only for Linux: elsewhere the pages stay until the system needs their memory.</remarks>
    public static void GiveBack(byte* start, long length)
    {
        if (!OperatingSystem.IsLinux()) return;
        nint page = Environment.SystemPageSize;
        nint first = ((nint)start + page - 1) / page * page, end = ((nint)start + (nint)length) / page * page;
        if (end > first)
            _ = MemoryAdvise((void*)first, (nuint)(end - first), AdviseNotNeeded);
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int MemoryAdvise(void* address, nuint length, int advice);
}
