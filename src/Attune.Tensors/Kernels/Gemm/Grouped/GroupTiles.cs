using System.Runtime.CompilerServices;
using Attune.Tensors.Emit;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Kernels.Gemm.Grouped;

/// <summary>The tile of grouped products that suits the machine: emitted code where the CPU has the instructions, else <see cref="LaneTile"/>.</summary>
internal readonly unsafe struct GroupTiles
{
    /// <summary>The most rows of any tile.</summary>
    public const int MostRows = VectorTileCode.MaxRows;

    private readonly GroupKind kind;
    private readonly bool isEmitted;

    /// <summary>Chooses for <see cref="Isa.Current"/>.</summary>
    public GroupTiles(GroupKind kind)
    {
        this.kind = kind;
        isEmitted = Instructions(kind) is not null;
    }

    /// <summary>The most rows of a tile.</summary>
    public int MaxRows => isEmitted ? VectorTileCode.MaxRows : LaneTile.MaxRows;

    /// <summary>The CPU's instructions that products of a kind run on; null if there are none made for it.</summary>
    public static string? Instructions(GroupKind kind) =>
        Isa.Current < InstructionSet.Avx512 || !EmittedTiles.Has(kind) ? null : kind == GroupKind.Bytes ? "AVX-512 VNNI" : "AVX-512 BF16";

    /// <summary>C = A B for up to <see cref="MaxRows"/> rows and the columns of a panel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Run<T>(int rows, GroupTileArguments* arguments)
        where T : struct, ILanes<T>
    {
        if (isEmitted)
            EmittedTiles.Vector(kind, rows)(arguments);
        else
            LaneTile.Run<T>(kind, rows, arguments);
    }
}
