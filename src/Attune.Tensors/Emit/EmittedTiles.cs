using Attune.Tensors.Kernels.Gemm.Grouped;

namespace Attune.Tensors.Emit;

/// <summary>The emitted tiles of grouped products, each made at its first use and kept as long as the process lives.</summary>
/// <remarks>Thread-safe.</remarks>
internal static unsafe class EmittedTiles
{
    private static readonly VectorTiles Bytes512 = new("AVX-512 VNNI", VectorTileForm.Avx512, GroupKind.Bytes);
    private static readonly VectorTiles BFloat16512 = new("AVX-512 BF16", VectorTileForm.Avx512, GroupKind.BFloat16);
    private static readonly VectorTiles Bytes256 = new("AVX-VNNI", VectorTileForm.AvxVnni, GroupKind.Bytes);

    private static readonly Lock Emitting = new();
    private static readonly nint[] Amx = new nint[2];
    private static bool isAmxForbidden;

    /// <summary>The tiles of vector instructions that suit <see cref="Isa.Current"/>; null if the CPU has none for this kind or the system does
    /// not allow code made at run time.</summary>
    public static VectorTiles? Vector(GroupKind kind)
    {
        var tiles = (Isa.Current, kind) switch
        {
            ( >= InstructionSet.Avx512, GroupKind.Bytes) when DotInstructions.Bytes512 => Bytes512,
            ( >= InstructionSet.Avx512, GroupKind.BFloat16) when DotInstructions.BFloat16512 => BFloat16512,
            ( >= InstructionSet.Avx2, GroupKind.Bytes) when DotInstructions.Bytes256 => Bytes256,
            _ => null,
        };
        return tiles is { AreAllowed: true } ? tiles : null;
    }

    /// <summary>The tile of AMX; null if the system does not allow code made at run time.</summary>
    public static delegate* unmanaged<GroupTileArguments*, void> OfAmx(GroupKind kind)
    {
        lock (Emitting)
        {
            ref var tile = ref Amx[(int)kind];
            if (tile == 0 && !isAmxForbidden)
            {
                tile = (nint)ExecutableMemory.Map(AmxTileCode.Assemble(kind, OperatingSystem.IsWindows()));
                isAmxForbidden = tile == 0;
            }

            return (delegate* unmanaged<GroupTileArguments*, void>)tile;
        }
    }
}
