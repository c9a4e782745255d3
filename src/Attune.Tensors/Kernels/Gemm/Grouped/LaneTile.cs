using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Kernels.Gemm.Grouped;

/// <summary>The register tile of a grouped product for CPUs without an instruction for it, written once for any lane width.</summary>
internal static unsafe class LaneTile
{
    /// <summary>The most rows of a tile: with two registers of columns they take half of sixteen registers.</summary>
    public const int MaxRows = 4;

    /// <summary>C = A B for up to <see cref="MaxRows"/> rows and the columns of a panel.</summary>
    public static void Run<T>(GroupKind kind, int rows, GroupTileArguments* arguments)
        where T : struct, ILanes<T>
    {
        if (kind == GroupKind.Bytes)
            Run<T, ByteDot>(rows, arguments);
        else
            Run<T, BFloat16Dot>(rows, arguments);
    }

    private static void Run<T, TDot>(int rows, GroupTileArguments* arguments)
        where T : struct, ILanes<T>
        where TDot : struct, IGroupDot
    {
        var starts = stackalloc int[MaxRows];
        for (var row = 0; row < rows; row++)
            starts[row] = TDot.Start<T>(arguments->A + (row * arguments->AStride), arguments->Groups);
        for (var column = 0; column < GroupKinds.PanelColumns; column += 2 * T.Width)
        {
            switch (rows)
            {
                case 1: Columns<T, TDot, One>(arguments, starts, column); break;
                case 2: Columns<T, TDot, Two>(arguments, starts, column); break;
                case 3: Columns<T, TDot, Three>(arguments, starts, column); break;
                default: Columns<T, TDot, Four>(arguments, starts, column); break;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Columns<T, TDot, R>(GroupTileArguments* arguments, int* starts, int column)
        where T : struct, ILanes<T>
        where TDot : struct, IGroupDot
        where R : struct, ICount
    {
        T c00 = T.BroadcastInt(starts[0]), c01 = c00;
        T c10 = T.BroadcastInt(starts[1]), c11 = c10;
        T c20 = T.BroadcastInt(starts[2]), c21 = c20;
        T c30 = T.BroadcastInt(starts[3]), c31 = c30;
        var a = (int*)arguments->A;
        var stride = arguments->AStride / sizeof(int);
        var b = (float*)arguments->B + column;
        for (var left = arguments->Groups; left > 0; left--)
        {
            var (x0, x1) = TDot.Right(T.Load(b));
            var (y0, y1) = TDot.Right(T.Load(b + T.Width));
            Add<T, TDot>(a[0], x0, x1, y0, y1, ref c00, ref c01);
            if (R.Value > 1)
                Add<T, TDot>(a[stride], x0, x1, y0, y1, ref c10, ref c11);
            if (R.Value > 2)
                Add<T, TDot>(a[2 * stride], x0, x1, y0, y1, ref c20, ref c21);
            if (R.Value > 3)
                Add<T, TDot>(a[3 * stride], x0, x1, y0, y1, ref c30, ref c31);
            a++;
            b += GroupKinds.PanelColumns;
        }

        var c = arguments->C + column;
        var cStride = arguments->CStride / sizeof(float);
        Store(c, c00, c01);
        if (R.Value > 1)
            Store(c + cStride, c10, c11);
        if (R.Value > 2)
            Store(c + (2 * cStride), c20, c21);
        if (R.Value > 3)
            Store(c + (3 * cStride), c30, c31);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<T, TDot>(int group, T x0, T x1, T y0, T y1, ref T first, ref T second)
        where T : struct, ILanes<T>
        where TDot : struct, IGroupDot
    {
        var (a0, a1) = TDot.Left(T.BroadcastInt(group));
        first = TDot.Add(TDot.Add(first, a0, x0), a1, x1);
        second = TDot.Add(TDot.Add(second, a0, y0), a1, y1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<T>(float* target, T first, T second)
        where T : struct, ILanes<T>
    {
        T.Store(target, first);
        T.Store(target + T.Width, second);
    }
}
