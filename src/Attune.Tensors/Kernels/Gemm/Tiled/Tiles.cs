using System.Runtime.Intrinsics.Arm;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Kernels.Gemm.Tiled;

/// <summary>The register tiles of one lane width: their sizes, and the compiled kernel of each height and width.</summary>
internal static unsafe class Tiles<T>
    where T : struct, ILanes<T>
{
    private static readonly delegate*<nint, float*, nint, float*, nint, float*, nint, bool, void>[][] Kernels =
        [All<AlongDepth, One>(), All<AlongDepth, Two>(), All<AlongRows, One>(), All<AlongRows, Two>()];

    /// <summary>The most rows of a tile: as many as the CPU has registers for.</summary>
    public static int Rows => T.Width == 16 ? 14 : AdvSimd.Arm64.IsSupported ? 12 : 6;

    /// <summary>Columns of a full tile.</summary>
    public static int Columns => 2 * T.Width;

    /// <summary>The tile of <paramref name="rows"/> rows that is just wide enough for <paramref name="columns"/>.</summary>
    /// <param name="rows">1 to <see cref="Rows"/>.</param>
    /// <param name="columns">1 to <see cref="Columns"/>.</param>
    /// <param name="alongDepth">Whether A is consecutive along the sum.</param>
    public static delegate*<nint, float*, nint, float*, nint, float*, nint, bool, void> Kernel(int rows, int columns, bool alongDepth) =>
        Kernels[(alongDepth ? 0 : 2) + (columns > T.Width ? 1 : 0)][rows - 1];

    private static delegate*<nint, float*, nint, float*, nint, float*, nint, bool, void>[] All<L, V>()
        where L : struct, ILayout
        where V : struct, ICount =>
        [
            &TileKernel.Run<T, One, V, L>,
            &TileKernel.Run<T, Two, V, L>,
            &TileKernel.Run<T, Three, V, L>,
            &TileKernel.Run<T, Four, V, L>,
            &TileKernel.Run<T, Five, V, L>,
            &TileKernel.Run<T, Six, V, L>,
            &TileKernel.Run<T, Seven, V, L>,
            &TileKernel.Run<T, Eight, V, L>,
            &TileKernel.Run<T, Nine, V, L>,
            &TileKernel.Run<T, Ten, V, L>,
            &TileKernel.Run<T, Eleven, V, L>,
            &TileKernel.Run<T, Twelve, V, L>,
            &TileKernel.Run<T, Thirteen, V, L>,
            &TileKernel.Run<T, Fourteen, V, L>,
        ];
}
