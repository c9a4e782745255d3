using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Kernels;

/// <summary>
/// One step of LAMB (You et al. 2020, arXiv:1904.00962): Adam's direction plus decay * x, as long as the parameter itself:
/// x -= rate * |x| / |u| * u.
/// </summary>
internal readonly record struct LambStep
{
    /// <summary>The learning rate of this step.</summary>
    public required double Rate { get; init; }

    /// <summary>The decay of the mean gradient.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>The decay of the mean squared gradient.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Added to the root.</summary>
    public double Epsilon { get; init; } = 1e-6;

    /// <summary>Weight decay.</summary>
    public double Decay { get; init; }

    /// <summary>The number of this step, from 1.</summary>
    public required long Step { get; init; }

    /// <summary>What gradients are multiplied with first.</summary>
    public float GradientScale { get; init; } = 1;

    public LambStep()
    {
    }

    /// <summary>
    /// Updates the <paramref name="count"/> numbers of one parameter: a pass that moves the moments and measures both lengths, and a
    /// pass that takes the step.
    /// </summary>
    public unsafe void Run(float* x, float* gradient, float* m, float* v, long count)
    {
        var pieces = new FixedPieces(count);
        double* partial = stackalloc double[2 * FixedPieces.Most];
        var kernel = new Kernel(this, pieces, x, gradient, m, v, partial);
        RangeKernel.Run(pieces.Count, 1, kernel);
        double length = 0, direction = 0;
        for (long p = 0; p < pieces.Count; p++)
        {
            length += partial[2 * p];
            direction += partial[2 * p + 1];
        }
        double ratio = length > 0 && direction > 0 ? Math.Sqrt(length / direction) : 1;
        RangeKernel.Run(pieces.Count, 1, new Apply(kernel, (float)(Rate * ratio)));
    }

    private readonly unsafe struct Kernel(in LambStep step, FixedPieces pieces, float* x, float* gradient, float* m, float* v, double* partial) : IRangeKernel
    {
        private readonly float scale = step.GradientScale;
        private readonly float beta1 = (float)step.Beta1;
        private readonly float rest1 = (float)(1 - step.Beta1);
        private readonly float beta2 = (float)step.Beta2;
        private readonly float rest2 = (float)(1 - step.Beta2);
        private readonly float meanScale = (float)(1 / (1 - Math.Pow(step.Beta1, step.Step)));
        private readonly float rootScale = (float)(1 / Math.Sqrt(1 - Math.Pow(step.Beta2, step.Step)));
        private readonly float epsilon = (float)step.Epsilon;
        private readonly float decay = (float)step.Decay;

        public float* X => x;

        public FixedPieces Pieces => pieces;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<T>(long start, long end)
            where T : struct, ILanes<T>
        {
            T b1 = T.Broadcast(beta1), r1 = T.Broadcast(rest1), b2 = T.Broadcast(beta2), r2 = T.Broadcast(rest2), scaleAll = T.Broadcast(scale);
            for (long piece = start; piece < end; piece++)
            {
                T length = T.Zero, direction = T.Zero;
                for (long i = pieces.Start(piece); i < pieces.End(piece); i += T.Width)
                {
                    int lanes = (int)Math.Min(T.Width, pieces.End(piece) - i);
                    T g = T.LoadPartial(gradient + i, lanes) * scaleAll;
                    T.StorePartial(m + i, T.Fma(b1, T.LoadPartial(m + i, lanes), r1 * g), lanes);
                    T.StorePartial(v + i, T.Fma(b2, T.LoadPartial(v + i, lanes), r2 * g * g), lanes);
                    T value = T.LoadPartial(x + i, lanes), u = Direction<T>(i, lanes) & T.FirstLanes(lanes);
                    length = T.Fma(value, value, length);
                    direction = T.Fma(u, u, direction);
                }
                partial[2 * piece] = T.Sum(length);
                partial[2 * piece + 1] = T.Sum(direction);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public T Direction<T>(long i, int lanes)
            where T : struct, ILanes<T>
        {
            T root = T.Fma(T.Sqrt(T.LoadPartial(v + i, lanes)), T.Broadcast(rootScale), T.Broadcast(epsilon));
            return T.Fma(T.Broadcast(decay), T.LoadPartial(x + i, lanes), T.LoadPartial(m + i, lanes) * T.Broadcast(meanScale) / root);
        }
    }

    private readonly unsafe struct Apply(Kernel moments, float rate) : IRangeKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<T>(long start, long end)
            where T : struct, ILanes<T>
        {
            FixedPieces pieces = moments.Pieces;
            float* x = moments.X;
            for (long i = pieces.Start(start); i < pieces.End(end - 1); i += T.Width)
            {
                int lanes = (int)Math.Min(T.Width, pieces.End(end - 1) - i);
                T.StorePartial(x + i, T.FmaNegated(T.Broadcast(rate), moments.Direction<T>(i, lanes), T.LoadPartial(x + i, lanes)), lanes);
            }
        }
    }
}
