using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Kernels;

/// <summary>
/// One step of Adam (Kingma and Ba 2015, arXiv:1412.6980) or AdamW (Loshchilov and Hutter 2019, arXiv:1711.05101):
/// m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2; x -= rate * (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon).
/// AMSGrad (Reddi et al. 2018, arXiv:1904.09237) has the largest v so far in the place of v.
/// </summary>
internal readonly record struct AdamStep
{
    /// <summary>The learning rate of this step.</summary>
    public required double Rate { get; init; }

    /// <summary>The decay of the mean gradient.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>The decay of the mean squared gradient.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Added to the root.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Weight decay.</summary>
    public double Decay { get; init; }

    /// <summary>True: x is first multiplied by 1 - rate * decay (AdamW). False: decay * x is added to the gradient (L2).</summary>
    public bool Decoupled { get; init; } = true;

    /// <summary>The number of this step, from 1.</summary>
    public required long Step { get; init; }

    /// <summary>What gradients are multiplied with first: clipping and averaging without a pass of their own.</summary>
    public float GradientScale { get; init; } = 1;

    public AdamStep()
    {
    }

    /// <summary>
    /// Updates <paramref name="count"/> numbers x with their gradients, the moments m and v and, unless it is null, the largest v so far, in one pass.
    /// </summary>
    public unsafe void Run(float* x, float* gradient, float* m, float* v, long count, float* largest = null) =>
        RangeKernel.Run(count, RangeKernel.Grain, new Kernel(this, x, gradient, m, v, largest));

    private readonly unsafe struct Kernel(in AdamStep step, float* x, float* gradient, float* m, float* v, float* largest) : IRangeKernel
    {
        private readonly float keep = step.Decoupled ? (float)(1 - step.Rate * step.Decay) : 1;
        private readonly float penalty = step.Decoupled ? 0 : (float)step.Decay;
        private readonly float scale = step.GradientScale;
        private readonly float beta1 = (float)step.Beta1;
        private readonly float rest1 = (float)(1 - step.Beta1);
        private readonly float beta2 = (float)step.Beta2;
        private readonly float rest2 = (float)(1 - step.Beta2);
        private readonly float rate = (float)(step.Rate / (1 - Math.Pow(step.Beta1, step.Step)));
        private readonly float rootScale = (float)(1 / Math.Sqrt(1 - Math.Pow(step.Beta2, step.Step)));
        private readonly float epsilon = (float)step.Epsilon;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<T>(long start, long end)
            where T : struct, ILanes<T>
        {
            T keepAll = T.Broadcast(keep), penaltyAll = T.Broadcast(penalty), scaleAll = T.Broadcast(scale);
            T b1 = T.Broadcast(beta1), r1 = T.Broadcast(rest1), b2 = T.Broadcast(beta2), r2 = T.Broadcast(rest2);
            T rateAll = T.Broadcast(rate), rootAll = T.Broadcast(rootScale), epsilonAll = T.Broadcast(epsilon);
            for (long i = start; i < end; i += T.Width)
            {
                int lanes = (int)Math.Min(T.Width, end - i);
                T value = T.LoadPartial(x + i, lanes);
                T g = T.Fma(penaltyAll, value, T.LoadPartial(gradient + i, lanes) * scaleAll);
                T mean = T.Fma(b1, T.LoadPartial(m + i, lanes), r1 * g);
                T square = T.Fma(b2, T.LoadPartial(v + i, lanes), r2 * g * g);
                T.StorePartial(m + i, mean, lanes);
                T.StorePartial(v + i, square, lanes);
                if (largest is not null)
                {
                    square = T.Max(square, T.LoadPartial(largest + i, lanes));
                    T.StorePartial(largest + i, square, lanes);
                }
                T.StorePartial(x + i, value * keepAll - rateAll * mean / T.Fma(T.Sqrt(square), rootAll, epsilonAll), lanes);
            }
        }
    }
}
