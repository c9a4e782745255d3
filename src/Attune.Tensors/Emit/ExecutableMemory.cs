using System.Runtime.InteropServices;

namespace Attune.Tensors.Emit;

/// <summary>Memory for machine code that is made at run time; it lives as long as the process.</summary>
/// <remarks>Never writable and executable at once.</remarks>
internal static unsafe partial class ExecutableMemory
{
    private const int PageSize = 4096;
    private const int ReadWrite = 3;
    private const int ReadExecute = 5;
    private const int PrivateAnonymous = 0x22;
    private const int PrivateAnonymousMac = 0x1002;
    private const uint CommitReserve = 0x3000;
    private const uint WindowsReadWrite = 0x04;
    private const uint WindowsReadExecute = 0x20;

    /// <summary>Puts <paramref name="code"/> into executable memory; null if the system does not allow that.</summary>
    public static byte* Map(ReadOnlySpan<byte> code)
    {
        try
        {
            return OperatingSystem.IsWindows() ? MapWindows(code) : MapUnix(code);
        }
        catch (Exception failure) when (failure is DllNotFoundException or EntryPointNotFoundException)
        {
            return null;
        }
    }

    private static byte* MapUnix(ReadOnlySpan<byte> code)
    {
        var length = Pages(code);
        var memory = MemoryMap(null, length, ReadWrite, OperatingSystem.IsMacOS() ? PrivateAnonymousMac : PrivateAnonymous, -1, 0);
        if (memory == (byte*)-1)
            return null;
        code.CopyTo(new Span<byte>(memory, code.Length));
        return MemoryProtect(memory, length, ReadExecute) == 0 ? memory : null;
    }

    private static byte* MapWindows(ReadOnlySpan<byte> code)
    {
        var length = Pages(code);
        var memory = VirtualAlloc(null, length, CommitReserve, WindowsReadWrite);
        if (memory is null)
            return null;
        code.CopyTo(new Span<byte>(memory, code.Length));
        return VirtualProtect(memory, length, WindowsReadExecute, out _) != 0 ? memory : null;
    }

    private static nint Pages(ReadOnlySpan<byte> code) => (code.Length + PageSize - 1) / PageSize * PageSize;

    [LibraryImport("libc", EntryPoint = "mmap")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial byte* MemoryMap(void* address, nint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int MemoryProtect(void* address, nint length, int protection);

    [LibraryImport("kernel32")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial byte* VirtualAlloc(void* address, nint size, uint kind, uint protection);

    [LibraryImport("kernel32")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int VirtualProtect(void* address, nint size, uint protection, out uint before);
}
