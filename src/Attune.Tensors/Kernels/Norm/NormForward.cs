using System.Runtime.CompilerServices;
using Attune.Tensors.Kernels.Dropout;
using Attune.Tensors.Kernels.Residual;
using Attune.Tensors.Lanes;
using Attune.Tensors.Parallel;

namespace Attune.Tensors.Kernels.Norm;

/// <summary>
/// h = input (dropped out) + residual, and y = (h - mean) / sqrt(variance + epsilon) * weight + bias over each row, in one pass over memory.
/// Uncentred, it is the root mean square norm: mean 0, variance the mean of squares.
/// </summary>
internal unsafe struct NormForward : ILaneKernel
{
    private const int GrainElements = 16384;

    public float* Input;
    public float* Residual;
    public DropoutMask Dropout;
    public long FirstIndex;
    public float* Weight;
    public float* Bias;
    public float Epsilon;
    public bool Centred;

    /// <summary>Receives h; null if it is not wanted.</summary>
    public float* Sum;
    public float* Output;

    /// <summary>Receives each row's mean and reciprocal deviation, interleaved; null if no backward pass will follow.</summary>
    public float* Statistics;
    public int Rows;
    public int Width;

    public readonly void Run<T>()
        where T : struct, ILanes<T> =>
        Workers.ForRanges(Rows, Math.Max(1, GrainElements / Math.Max(Width, 1)), new Job<T>(this));

    private readonly struct Job<T>(NormForward kernel) : IRangeJob
        where T : struct, ILanes<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int start, int end)
        {
            NormForward k = kernel;
            for (int row = start; row < end; row++)
            {
                long offset = (long)row * k.Width;
                float* h = k.Input + offset;
                if (k.Residual is not null)
                {
                    // The row stays in the nearest cache between the passes below, so the output may hold it meanwhile.
                    h = k.Sum is null ? k.Output + offset : k.Sum + offset;
                    ResidualSum.Row<T>(k.Input + offset, k.Residual + offset, k.Dropout, k.FirstIndex + offset, h, k.Width);
                }

                float mean = k.Centred ? Sum(h, k.Width) / k.Width : 0;
                float deviation = 1 / MathF.Sqrt(SquaredDistance(h, mean, k.Width) / k.Width + k.Epsilon);
                if (k.Statistics is not null)
                {
                    k.Statistics[2 * (long)row] = mean;
                    k.Statistics[2 * (long)row + 1] = deviation;
                }
                Normalise(k, h, mean, deviation, k.Output + offset);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static float Sum(float* h, int width)
        {
            T even = T.Zero, odd = T.Zero;
            int column = 0;
            for (; column + 2 * T.Width <= width; column += 2 * T.Width)
            {
                even += T.Load(h + column);
                odd += T.Load(h + column + T.Width);
            }
            for (; column < width; column += T.Width)
                even += T.LoadPartial(h + column, Math.Min(T.Width, width - column));
            return T.Sum(even + odd);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static float SquaredDistance(float* h, float mean, int width)
        {
            T centre = T.Broadcast(mean);
            T even = T.Zero, odd = T.Zero;
            int column = 0;
            for (; column + 2 * T.Width <= width; column += 2 * T.Width)
            {
                T first = T.Load(h + column) - centre, second = T.Load(h + column + T.Width) - centre;
                even = T.Fma(first, first, even);
                odd = T.Fma(second, second, odd);
            }
            for (; column < width; column += T.Width)
            {
                int lanes = Math.Min(T.Width, width - column);
                T distance = (T.LoadPartial(h + column, lanes) - centre) & T.FirstLanes(lanes);
                even = T.Fma(distance, distance, even);
            }
            return T.Sum(even + odd);
        }

        // Compiled by itself: inlined behind the passes above it would find no room to inline what it consists of.
        [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
        private static void Normalise(in NormForward k, float* h, float mean, float deviation, float* output)
        {
            T centre = T.Broadcast(mean), factor = T.Broadcast(deviation);
            float* weight = k.Weight, bias = k.Bias;
            int column = 0;
            if (weight is not null && bias is not null)
            {
                for (; column + T.Width <= k.Width; column += T.Width)
                {
                    T y = (T.Load(h + column) - centre) * factor;
                    T.Store(output + column, y * T.Load(weight + column) + T.Load(bias + column));
                }
            }
            for (; column < k.Width; column += T.Width)
            {
                int lanes = Math.Min(T.Width, k.Width - column);
                T y = (T.LoadPartial(h + column, lanes) - centre) * factor;
                if (weight is not null)
                    y *= T.LoadPartial(weight + column, lanes);
                if (bias is not null)
                    y += T.LoadPartial(bias + column, lanes);
                T.StorePartial(output + column, y, lanes);
            }
        }
    }
}
