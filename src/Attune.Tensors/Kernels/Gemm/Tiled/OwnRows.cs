using Attune.Tensors.Lanes;
using Attune.Tensors.Memory;

namespace Attune.Tensors.Kernels.Gemm.Tiled;

/// <summary>The rows of A that a thread has packed for itself, kept for its next items of work.</summary>
internal static unsafe class OwnRows
{
    private static long lastNumber;

    [ThreadStatic]
    private static long packedNumber;

    [ThreadStatic]
    private static int packedBlock;

    /// <summary>A number, not zero, for one left operand: what was packed under another one is not taken for it.</summary>
    public static long NextNumber() => Interlocked.Increment(ref lastNumber);

    /// <summary>The packed form of <paramref name="rows"/>, good until this thread's next call.</summary>
    /// <param name="rows">A few rows of A [rows, depth].</param>
    /// <param name="panels">How tiles divide the rows.</param>
    /// <param name="number">The number of A.</param>
    /// <param name="block">Which of its blocks of rows this is.</param>
    public static LeftOperand Packed<T>(in MatrixView rows, Split panels, long number, int block)
        where T : struct, ILanes<T>
    {
        nint stride = rows.Columns + Packing.RowGap;
        var target = ThreadScratch.Kept(rows.Rows * stride);
        if (packedNumber != number || packedBlock != block)
        {
            if (rows.IsTransposed)
                Packing.PackColumns<T>(rows, panels, target);
            else
                Packing.PackRows(rows, target, stride);
            (packedNumber, packedBlock) = (number, block);
        }

        return rows.IsTransposed
            ? new LeftOperand(target, rows.Columns)
            : new LeftOperand(new MatrixView(target, rows.Rows, rows.Columns, stride));
    }
}
