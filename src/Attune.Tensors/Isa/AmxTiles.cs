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

    /// <summary>
    /// True if the CPU has AMX with bfloat16 and int8 and the system allows the tile state. Linux grants it on request only;
    /// the permission, once given, holds for every thread of the process.
    /// </summary>
    public static bool AreUsable()
    {
        if (!X86Base.X64.IsSupported || !OperatingSystem.IsLinux())
            return false;
        const int needed = TileBf16 | Tiles | TileInt8;
        if (X86Base.CpuId(0, 0).Eax < ExtendedFeatures || (X86Base.CpuId(ExtendedFeatures, 0).Edx & needed) != needed)
            return false;
        return SystemCall(ArchPrctl, RequestExtendedState, TileData) == 0;
    }

    [LibraryImport("libc", EntryPoint = "syscall")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial nint SystemCall(nint number, nint first, nint second);
}
