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

    /// <summary>
    /// Rows ahead of their use that the memory is asked for: between two tokens the weights of the whole model drive them out of the caches, and by
    /// itself the hardware looks ahead neither to rows that lie apart nor beyond the end of a page.
    /// </summary>
    private const int RowsAhead = 8;

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
                for (int next = 0; next < 4; next++)
                    Ask(row + (RowsAhead + next) * (nint)keyStride, width);

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
            int column = 0;
            for (; column + 4 * T.Width <= width; column += 4 * T.Width)
                AddFour<T>(weights, keys, value + column, valueStride, mixed + column);
            for (; column < width; column += T.Width)
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

    /// <summary>Four registers of columns at once: what memory gives of a row is used while it is there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddFour<T>(float* weights, int keys, float* value, int valueStride, float* mixed)
        where T : struct, ILanes<T>
    {
        T even0 = T.Load(mixed), even1 = T.Load(mixed + T.Width), even2 = T.Load(mixed + 2 * T.Width), even3 = T.Load(mixed + 3 * T.Width);
        T odd0 = T.Zero, odd1 = T.Zero, odd2 = T.Zero, odd3 = T.Zero;
        for (; keys >= 2; keys -= 2, weights += 2, value += 2 * (nint)valueStride)
        {
            Ask(value + RowsAhead * (nint)valueStride, 4 * T.Width);
            Ask(value + (RowsAhead + 1) * (nint)valueStride, 4 * T.Width);
            T first = T.Broadcast(weights[0]), second = T.Broadcast(weights[1]);
            float* next = value + valueStride;
            even0 = T.Fma(first, T.Load(value), even0);
            odd0 = T.Fma(second, T.Load(next), odd0);
            even1 = T.Fma(first, T.Load(value + T.Width), even1);
            odd1 = T.Fma(second, T.Load(next + T.Width), odd1);
            even2 = T.Fma(first, T.Load(value + 2 * T.Width), even2);
            odd2 = T.Fma(second, T.Load(next + 2 * T.Width), odd2);
            even3 = T.Fma(first, T.Load(value + 3 * T.Width), even3);
            odd3 = T.Fma(second, T.Load(next + 3 * T.Width), odd3);
        }
        if (keys > 0)
        {
            T last = T.Broadcast(weights[0]);
            even0 = T.Fma(last, T.Load(value), even0);
            even1 = T.Fma(last, T.Load(value + T.Width), even1);
            even2 = T.Fma(last, T.Load(value + 2 * T.Width), even2);
            even3 = T.Fma(last, T.Load(value + 3 * T.Width), even3);
        }
        T.Store(mixed, even0 + odd0);
        T.Store(mixed + T.Width, even1 + odd1);
        T.Store(mixed + 2 * T.Width, even2 + odd2);
        T.Store(mixed + 3 * T.Width, even3 + odd3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Ask(float* row, int width)
    {
        for (int column = 0; column < width; column += Prefetch.Line)
            Prefetch.Near(row + column);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Part<T>(float* row, int column, int width)
        where T : struct, ILanes<T> =>
        column + T.Width <= width ? T.Load(row + column) : T.LoadPartial(row + column, width - column);
}
