using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Attune.Tensors;

/// <summary>Finds out whether AMX tiles for bfloat16 and int8 can be used by this process.</summary>
internal static partial class AmxTiles
{
    private const int ExtendedFeatures = 7;
    private const int TileBf16 = 1 << 22;
    private const int Tiles = 1 << 24;
    private const int TileInt8 = 1 << 25;
    private const nint ArchPrctl = 158;
    private const nint RequestExtendedState = 0x1023;
    private const nint TileData = 18;
    private const ulong TileStates = 3ul << 17;

    /// <summary>Whether the CPU has AMX with bfloat16 and int8, be it usable or not.</summary>
    public static bool ArePresent { get; } = Detect();

    /// <summary>
    /// True if <see cref="ArePresent"/> and the system allows the tile state. Linux grants it on request only; the permission, once given, holds
    /// for every thread of the process, and for good. Other systems are not asked.
    /// </summary>
    /// <remarks>
    /// Linux refuses if the stack for signals of any thread is too small for the state, and from then on refuses such stacks; those of .NET's threads
    /// are all of one size. A thread's own memory for the state is taken when its first tile instruction traps.
    /// </remarks>
    public static bool AreUsable() =>
        ArePresent && OperatingSystem.IsLinux() && (ExtendedControlRegister.Read() & TileStates) == TileStates && Request();

    private static bool Detect()
    {
        const int needed = TileBf16 | Tiles | TileInt8;
        return X86Base.X64.IsSupported && X86Base.CpuId(0, 0).Eax >= ExtendedFeatures && (X86Base.CpuId(ExtendedFeatures, 0).Edx & needed) == needed;
    }

    private static bool Request()
    {
        try
        {
            return SystemCall(ArchPrctl, RequestExtendedState, TileData) == 0;
        }
        catch (Exception failure) when (failure is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "syscall")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial nint SystemCall(nint number, nint first, nint second);
}
