using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Kernels;

/// <summary>v = keep * v + rest * (scale * g^2 + epsilon).</summary>
internal readonly struct SquaredMeans(float keep, float rest, float scale, float epsilon) : IBinaryFormula
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Apply<T>(T v, T gradient)
        where T : struct, ILanes<T>
        => T.Fma(T.Broadcast(keep), v, T.Broadcast(rest) * T.Fma(T.Broadcast(scale) * gradient, gradient, T.Broadcast(epsilon)));

    /// <summary>The same for the mean of <paramref name="count"/> squares that add up to <paramref name="sum"/>.</summary>
    public float Apply(float v, float sum, long count) => keep * v + rest * (scale * sum / count + epsilon);
}

/// <summary>The mean squared gradients of the rows and of the columns of matrices.</summary>
internal static unsafe class AdafactorMeans
{
    /// <summary>Columns whose running sums stay in the first cache.</summary>
    public const int ColumnBlock = 512;

    public readonly struct RowKernel(float* gradient, long columns, float* means, SquaredMeans decay) : IRangeKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<T>(long start, long end)
            where T : struct, ILanes<T>
        {
            for (long row = start; row < end; row++)
            {
                float* g = gradient + row * columns;
                means[row] = decay.Apply(means[row], DotProduct.Row<T>(g, g, columns), columns);
            }
        }
    }

    public readonly struct ColumnKernel(float* gradient, long rows, long columns, long blocks, float* means, SquaredMeans decay) : IRangeKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<T>(long start, long end)
            where T : struct, ILanes<T>
        {
            float* sums = stackalloc float[ColumnBlock];
            for (long item = start; item < end; item++)
            {
                long matrix = item / blocks, first = (item - matrix * blocks) * ColumnBlock;
                int width = (int)Math.Min(ColumnBlock, columns - first);
                new Span<float>(sums, width).Clear();
                for (long row = 0; row < rows; row++)
                {
                    float* g = gradient + (matrix * rows + row) * columns + first;
                    for (int i = 0; i < width; i += T.Width)
                    {
                        int lanes = Math.Min(T.Width, width - i);
                        T value = T.LoadPartial(g + i, lanes);
                        T.StorePartial(sums + i, T.Fma(value, value, T.LoadPartial(sums + i, lanes)), lanes);
                    }
                }
                float* to = means + matrix * columns + first;
                for (int i = 0; i < width; i++)
                    to[i] = decay.Apply(to[i], sums[i], rows);
            }
        }
    }
}
