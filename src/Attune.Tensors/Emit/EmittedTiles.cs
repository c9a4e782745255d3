using Attune.Tensors.Kernels.Gemm.Grouped;

namespace Attune.Tensors.Emit;

/// <summary>The emitted tiles of grouped products, each made at its first use and kept as long as the process lives.</summary>
/// <remarks>Thread-safe.</remarks>
internal static unsafe class EmittedTiles
{
    private static readonly Lock Emitting = new();
    private static readonly nint[] Bytes = new nint[VectorTileCode.MaxRows];
    private static readonly nint[] BFloat16 = new nint[VectorTileCode.MaxRows];
    private static readonly nint[] Amx = new nint[2];
    private static volatile bool isForbidden;

    /// <summary>Whether the CPU has the instructions for tiles of this kind and the system allows code made at run time.</summary>
    public static bool Has(GroupKind kind) =>
        (kind == GroupKind.Bytes ? DotInstructions.Bytes512 : DotInstructions.BFloat16512) && Vector(kind, 1) is not null;

    /// <summary>The tile of AVX-512 with <paramref name="rows"/> rows; null if the system does not allow code made at run time.</summary>
    public static delegate* unmanaged[SuppressGCTransition]<GroupTileArguments*, void> Vector(GroupKind kind, int rows)
    {
        var tiles = kind == GroupKind.Bytes ? Bytes : BFloat16;
        var tile = Volatile.Read(ref tiles[rows - 1]);
        return (delegate* unmanaged[SuppressGCTransition]<GroupTileArguments*, void>)(tile != 0 || isForbidden ? tile : Emit(kind, rows, tiles));
    }

    /// <summary>The tile of AMX; null if the system does not allow code made at run time.</summary>
    public static delegate* unmanaged<GroupTileArguments*, void> OfAmx(GroupKind kind)
    {
        lock (Emitting)
        {
            ref var tile = ref Amx[(int)kind];
            if (tile == 0 && !isForbidden)
            {
                tile = (nint)ExecutableMemory.Map(AmxTileCode.Assemble(kind, OperatingSystem.IsWindows()));
                isForbidden = tile == 0;
            }

            return (delegate* unmanaged<GroupTileArguments*, void>)tile;
        }
    }

    private static nint Emit(GroupKind kind, int rows, nint[] tiles)
    {
        lock (Emitting)
        {
            if (tiles[rows - 1] == 0)
            {
                var tile = ExecutableMemory.Map(VectorTileCode.Assemble(kind, rows, OperatingSystem.IsWindows()));
                isForbidden = tile is null;
                Volatile.Write(ref tiles[rows - 1], (nint)tile);
            }

            return tiles[rows - 1];
        }
    }
}
