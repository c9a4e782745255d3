using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Kernels.Gemm;

/// <summary>What is done to a finished block of a product while it is still in the cache.</summary>
internal unsafe interface IEpilogue
{
    /// <summary>
    /// Works on <paramref name="rows"/> by <paramref name="columns"/> values of C; called once for each block, on any thread. Blocks differ
    /// with the instruction set but not with the number of threads.
    /// </summary>
    /// <param name="block">The first value of the block.</param>
    /// <param name="stride">Floats from one row of C to the next.</param>
    /// <param name="row">The block's first row in C.</param>
    /// <param name="column">The block's first column in C.</param>
    /// <param name="rows">Rows of the block.</param>
    /// <param name="columns">Columns of the block.</param>
    void Apply<T>(float* block, nint stride, int row, int column, int rows, int columns)
        where T : struct, ILanes<T>;
}

/// <summary>Leaves the product as it is.</summary>
internal readonly struct NoEpilogue : IEpilogue
{
    public unsafe void Apply<T>(float* block, nint stride, int row, int column, int rows, int columns)
        where T : struct, ILanes<T>
    {
    }
}

/// <summary>A function of one value, for any lane width.</summary>
internal interface ILaneFunction
{
    /// <summary>The function of every lane.</summary>
    static abstract T Apply<T>(T x)
        where T : struct, ILanes<T>;
}

/// <summary>The function that changes nothing.</summary>
internal readonly struct Identity : ILaneFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Apply<T>(T x)
        where T : struct, ILanes<T>
        => x;
}

/// <summary>C = f(C + bias), with the sum before f kept on request for the backward pass.</summary>
/// <param name="bias">A value for each column of C; null for none.</param>
/// <param name="before">Where C + bias goes; null if nobody needs it.</param>
/// <param name="beforeStride">Floats from one row of <paramref name="before"/> to the next.</param>
internal readonly unsafe struct BiasEpilogue<TFunction>(float* bias, float* before = null, nint beforeStride = 0) : IEpilogue
    where TFunction : struct, ILaneFunction
{
    private readonly float* bias = bias;
    private readonly float* before = before;
    private readonly nint beforeStride = beforeStride;

    // Not inlined: with the product around it, the activation would be too much for the JIT to inline.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public void Apply<T>(float* block, nint stride, int row, int column, int rows, int columns)
        where T : struct, ILanes<T>
    {
        var whole = columns - (columns % T.Width);
        for (var i = 0; i < rows; i++)
        {
            var target = block + (i * stride);
            var sums = before is null ? null : before + ((row + i) * beforeStride) + column;
            for (var j = 0; j < whole; j += T.Width)
            {
                var x = T.Load(target + j);
                if (bias is not null)
                    x = x + T.Load(bias + column + j);
                if (sums is not null)
                    T.Store(sums + j, x);
                T.Store(target + j, TFunction.Apply(x));
            }

            var rest = columns - whole;
            if (rest > 0)
            {
                var x = T.LoadPartial(target + whole, rest);
                if (bias is not null)
                    x = x + T.LoadPartial(bias + column + whole, rest);
                if (sums is not null)
                    T.StorePartial(sums + whole, x, rest);
                T.StorePartial(target + whole, TFunction.Apply(x), rest);
            }
        }
    }
}
