using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Kernels;

/// <summary>
/// One step of gradient descent with momentum: g += decay * x; buffer = momentum * buffer + (1 - dampening) * g (at the first step: g); x -= rate * buffer.
/// Nesterov's form goes along g + momentum * buffer instead.
/// </summary>
internal readonly record struct MomentumStep
{
    /// <summary>The learning rate of this step.</summary>
    public required double Rate { get; init; }

    /// <summary>How much of the buffer stays; 0 for plain gradient descent.</summary>
    public double Momentum { get; init; }

    /// <summary>How much of the gradient is kept out of the buffer after the first step.</summary>
    public double Dampening { get; init; }

    /// <summary>Weight decay, added to the gradient.</summary>
    public double Decay { get; init; }

    /// <summary>Whether to look ahead.</summary>
    public bool Nesterov { get; init; }

    /// <summary>Whether the buffer is still undefined.</summary>
    public bool First { get; init; }

    /// <summary>What gradients are multiplied with first.</summary>
    public float GradientScale { get; init; } = 1;

    public MomentumStep()
    {
    }

    /// <summary>Updates <paramref name="count"/> numbers x with their gradients, in one pass. The buffer may be null if there is no momentum.</summary>
    public unsafe void Run(float* x, float* gradient, float* buffer, long count) =>
        RangeKernel.Run(count, RangeKernel.Grain, new Kernel(this, x, gradient, Momentum == 0 ? null : buffer));

    private readonly unsafe struct Kernel(in MomentumStep step, float* x, float* gradient, float* buffer) : IRangeKernel
    {
        private readonly float rate = (float)step.Rate;
        private readonly float momentum = (float)step.Momentum;
        private readonly float taken = (float)(1 - step.Dampening);
        private readonly float decay = (float)step.Decay;
        private readonly float scale = step.GradientScale;
        private readonly bool nesterov = step.Nesterov;
        private readonly bool first = step.First;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<T>(long start, long end)
            where T : struct, ILanes<T>
        {
            T rateAll = T.Broadcast(rate), keep = T.Broadcast(momentum), decayAll = T.Broadcast(decay), takenAll = T.Broadcast(taken), scaleAll = T.Broadcast(scale);
            for (long i = start; i < end; i += T.Width)
            {
                int lanes = (int)Math.Min(T.Width, end - i);
                T value = T.LoadPartial(x + i, lanes);
                T g = T.Fma(decayAll, value, T.LoadPartial(gradient + i, lanes) * scaleAll);
                if (buffer is not null)
                {
                    T moved = first ? g : T.Fma(keep, T.LoadPartial(buffer + i, lanes), takenAll * g);
                    T.StorePartial(buffer + i, moved, lanes);
                    g = nesterov ? T.Fma(keep, moved, g) : moved;
                }
                T.StorePartial(x + i, T.FmaNegated(rateAll, g, value), lanes);
            }
        }
    }
}
