using System.Runtime.CompilerServices;
using Attune.Tensors.Kernels.Softmax;
using Attune.Tensors.Lanes;
using Attune.Tensors.Parallel;

namespace Attune.Tensors.Kernels.CrossEntropy;

/// <summary>
/// The loss of each row, log Σ exp(z) - (1 - ε) z[label] - ε mean(z), and log Σ exp(z) for the backward pass. Rows with the ignored
/// label have loss 0.
/// </summary>
internal unsafe struct CrossEntropyForward : ILaneKernel
{
    private const int GrainElements = 8192;

    public float* Logits;
    public int* Labels;
    public int Ignored;
    public float Smoothing;
    public float* Losses;

    /// <summary>Receives log Σ exp(z) of each row; null if nobody needs it.</summary>
    public float* LogSums;

    /// <summary>
    /// Whether the logits become, while they are in the cache, the gradients of the sum of the losses:
    /// softmax(z) - (1 - ε) [label] - ε / width.
    /// </summary>
    public bool ToGradients;
    public int Rows;
    public int Width;

    /// <summary>Floats from one row of logits to the next.</summary>
    public int Stride;

    public readonly void Run<T>()
        where T : struct, ILanes<T> =>
        Workers.ForRanges(Rows, Math.Max(1, GrainElements / Math.Max(Width, 1)), new Job<T>(this));

    private readonly struct Job<T>(CrossEntropyForward kernel) : IRangeJob
        where T : struct, ILanes<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int start, int end)
        {
            CrossEntropyForward k = kernel;
            for (int row = start; row < end; row++)
            {
                int label = k.Labels[row];
                float* logits = k.Logits + (long)row * k.Stride;
                if (label == k.Ignored)
                {
                    k.Losses[row] = 0;
                    if (k.LogSums is not null)
                        k.LogSums[row] = 0;
                    if (k.ToGradients)
                        new Span<float>(logits, k.Width).Clear();
                    continue;
                }

                // Distances from the largest logit keep the digits that a large common offset would cost.
                float max = SoftmaxRow.Max<T>(logits, k.Width);
                float loss = (1 - k.Smoothing) * (max - logits[label]);
                if (k.Smoothing != 0)
                    loss += k.Smoothing * MeanDistance(logits, max, k.Width);
                float sum = SoftmaxRow.Exponentials<T>(logits, max, k.ToGradients ? logits : null, k.Width);
                float logSum = MathF.Log(sum);
                k.Losses[row] = loss + logSum;
                if (k.LogSums is not null)
                    k.LogSums[row] = max + logSum;
                if (k.ToGradients)
                    Gradients(logits, label, 1 / sum, k.Smoothing, k.Width);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Gradients(float* exponentials, int label, float factor, float smoothing, int width)
        {
            T scale = T.Broadcast(factor), spread = T.Broadcast(-smoothing / width);
            for (int column = 0; column < width; column += T.Width)
            {
                int lanes = Math.Min(T.Width, width - column);
                T.StorePartial(exponentials + column, T.Fma(T.LoadPartial(exponentials + column, lanes), scale, spread), lanes);
            }
            exponentials[label] -= 1 - smoothing;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static float MeanDistance(float* logits, float max, int width)
        {
            T top = T.Broadcast(max), sum = T.Zero;
            for (int column = 0; column < width; column += T.Width)
            {
                int lanes = Math.Min(T.Width, width - column);
                sum += (top - T.LoadPartial(logits + column, lanes)) & T.FirstLanes(lanes);
            }
            return T.Sum(sum) / width;
        }
    }
}
