using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Kernels.Attention;

/// <summary>
/// The two products of attention for so few queries that packing keys and values would take longer than multiplying them, as in decoding
/// step by step: both are read where they lie.
/// </summary>
internal static unsafe class FewQueries
{
    /// <summary>The most queries that are few.</summary>
    public const int Most = 4;

    /// <summary>scores = queries · keys.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scores<T>(int queries, float* query, int queryStride, int keys, float* key, int keyStride, int width, float* scores)
        where T : struct, ILanes<T>
    {
        for (; queries > 0; queries--, query += queryStride, scores += ScoreTile.Stride)
        {
            float* row = key;
            int i = 0;
            for (; i + 4 <= keys; i += 4, row += 4 * (nint)keyStride)
            {
                // Four keys at once, because one sum would wait for itself.
                T first = T.Zero, second = T.Zero, third = T.Zero, fourth = T.Zero;
                for (int column = 0; column < width; column += T.Width)
                {
                    T x = Part<T>(query, column, width);
                    first = T.Fma(x, Part<T>(row, column, width), first);
                    second = T.Fma(x, Part<T>(row + keyStride, column, width), second);
                    third = T.Fma(x, Part<T>(row + 2 * (nint)keyStride, column, width), third);
                    fourth = T.Fma(x, Part<T>(row + 3 * (nint)keyStride, column, width), fourth);
                }
                scores[i] = T.Sum(first);
                scores[i + 1] = T.Sum(second);
                scores[i + 2] = T.Sum(third);
                scores[i + 3] = T.Sum(fourth);
            }
            for (; i < keys; i++, row += keyStride)
            {
                T sum = T.Zero;
                for (int column = 0; column < width; column += T.Width)
                    sum = T.Fma(Part<T>(query, column, width), Part<T>(row, column, width), sum);
                scores[i] = T.Sum(sum);
            }
        }
    }

    /// <summary>mixed += weights · values; rows of <paramref name="mixed"/> are whole registers long.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddValues<T>(int queries, float* weights, int keys, float* value, int valueStride, int width, float* mixed, int padded)
        where T : struct, ILanes<T>
    {
        for (; queries > 0; queries--, weights += ScoreTile.Stride, mixed += padded)
        {
            for (int column = 0; column < width; column += T.Width)
            {
                T even = T.Load(mixed + column), odd = T.Zero;
                float* row = value;
                int i = 0;
                for (; i + 2 <= keys; i += 2, row += 2 * (nint)valueStride)
                {
                    even = T.Fma(T.Broadcast(weights[i]), Part<T>(row, column, width), even);
                    odd = T.Fma(T.Broadcast(weights[i + 1]), Part<T>(row + valueStride, column, width), odd);
                }
                if (i < keys)
                    even = T.Fma(T.Broadcast(weights[i]), Part<T>(row, column, width), even);
                T.Store(mixed + column, even + odd);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Part<T>(float* row, int column, int width)
        where T : struct, ILanes<T> =>
        column + T.Width <= width ? T.Load(row + column) : T.LoadPartial(row + column, width - column);
}
