using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;
using Attune.Tensors.Parallel;

namespace Attune.Tensors.Kernels.CrossEntropy;

/// <summary>
/// The gradient of <see cref="CrossEntropyForward"/> in the logits: factor (softmax(z) - (1 - ε) [label] - ε / width), 0 in ignored rows.
/// It may overwrite the logits.
/// </summary>
internal unsafe struct CrossEntropyBackward : ILaneKernel
{
    private const int GrainElements = 8192;

    public float* Logits;
    public int* Labels;
    public int Ignored;
    public float Smoothing;
    public float* LogSums;

    /// <summary>What every row's gradient is multiplied with.</summary>
    public float Factor;

    /// <summary>One more factor for each row; null for none.</summary>
    public float* RowFactors;
    public float* Gradient;
    public bool Accumulate;
    public int Rows;
    public int Width;

    public readonly void Run<T>()
        where T : struct, ILanes<T> =>
        Workers.ForRanges(Rows, Math.Max(1, GrainElements / Math.Max(Width, 1)), new Job<T>(this));

    private readonly struct Job<T>(CrossEntropyBackward kernel) : IRangeJob
        where T : struct, ILanes<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int start, int end)
        {
            CrossEntropyBackward k = kernel;
            for (int row = start; row < end; row++)
            {
                float* logits = k.Logits + (long)row * k.Width;
                float* gradient = k.Gradient + (long)row * k.Width;
                int label = k.Labels[row];
                if (label == k.Ignored)
                {
                    if (!k.Accumulate)
                        new Span<float>(gradient, k.Width).Clear();
                    continue;
                }

                float rowFactor = k.RowFactors is null ? k.Factor : k.Factor * k.RowFactors[row];
                T factor = T.Broadcast(rowFactor);
                T shift = T.Broadcast(k.LogSums[row]);
                T spread = T.Broadcast(k.Smoothing / k.Width);
                for (int column = 0; column < k.Width; column += T.Width)
                {
                    int lanes = Math.Min(T.Width, k.Width - column);
                    T share = (LaneMath.Exp(T.LoadPartial(logits + column, lanes) - shift) - spread) * factor;
                    if (k.Accumulate)
                        share += T.LoadPartial(gradient + column, lanes);
                    T.StorePartial(gradient + column, share, lanes);
                }
                gradient[label] -= (1 - k.Smoothing) * rowFactor;
            }
        }
    }
}
