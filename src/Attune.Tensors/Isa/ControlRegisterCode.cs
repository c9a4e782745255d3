using System.Runtime.InteropServices;

namespace Attune.Tensors;

/// <summary>Two tiny functions in machine code that store and load MXCSR, the control register that .NET has no intrinsic for.</summary>
/// <remarks>Bytes rather than an assembler: a few instructions that every process needs must not cost a library at start-up.</remarks>
internal static unsafe partial class ControlRegisterCode
{
    /// <summary>Where in the code the loading function begins; the storing one is at its start.</summary>
    public const int WriteOffset = 16;

    private const int PageSize = 4096;
    private const int ReadWrite = 3;
    private const int ReadExecute = 5;
    private const int PrivateAnonymous = 0x22;
    private const int PrivateAnonymousMac = 0x1002;
    private const uint CommitReserve = 0x3000;
    private const uint WindowsReadWrite = 0x04;
    private const uint WindowsReadExecute = 0x20;

    /// <summary>Puts the code into executable memory; null if the system does not allow that.</summary>
    public static byte* Map()
    {
        try
        {
            return OperatingSystem.IsWindows() ? MapWindows() : MapUnix();
        }
        catch (Exception failure) when (failure is DllNotFoundException or EntryPointNotFoundException)
        {
            return null;
        }
    }

    private static byte* MapUnix()
    {
        var flags = OperatingSystem.IsMacOS() ? PrivateAnonymousMac : PrivateAnonymous;
        var memory = MemoryMap(null, PageSize, ReadWrite, flags, -1, 0);
        if (memory == (byte*)-1)
            return null;
        Write(memory, addressRegister: 7); // rdi
        return MemoryProtect(memory, PageSize, ReadExecute) == 0 ? memory : null;
    }

    private static byte* MapWindows()
    {
        var memory = VirtualAlloc(null, PageSize, CommitReserve, WindowsReadWrite);
        if (memory is null)
            return null;
        Write(memory, addressRegister: 1); // rcx
        return VirtualProtect(memory, PageSize, WindowsReadExecute, out _) != 0 ? memory : null;
    }

    private static void Write(byte* code, byte addressRegister)
    {
        ReadOnlySpan<byte> store = [0x0F, 0xAE, (byte)(3 << 3 | addressRegister), 0xC3]; // stmxcsr [register]; ret
        ReadOnlySpan<byte> load = [0x0F, 0xAE, (byte)(2 << 3 | addressRegister), 0xC3]; // ldmxcsr [register]; ret
        store.CopyTo(new Span<byte>(code, store.Length));
        load.CopyTo(new Span<byte>(code + WriteOffset, load.Length));
    }

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
