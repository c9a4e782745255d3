using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;
using Attune.Tensors.Parallel;

namespace Attune.Tensors.Kernels.Residual;

/// <summary>target (=|+=) factor * source.</summary>
internal unsafe struct ScaledSum : ILaneKernel
{
    private const int Grain = 16384;

    private float* _source;
    private float _factor;
    private float* _target;
    private bool _accumulate;
    private long _count;

    /// <summary>Adds or writes <paramref name="count"/> elements; source and target may be the same.</summary>
    public static void Add(float* source, float factor, float* target, bool accumulate, long count) =>
        LaneKernel.Run(new ScaledSum { _source = source, _factor = factor, _target = target, _accumulate = accumulate, _count = count });

    public readonly void Run<T>()
        where T : struct, ILanes<T> => Workers.For((int)((_count + Grain - 1) / Grain), new Job<T>(this));

    private readonly struct Job<T>(ScaledSum kernel) : IJob
        where T : struct, ILanes<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int item)
        {
            ScaledSum k = kernel;
            long from = (long)item * Grain;
            int count = (int)Math.Min(Grain, k._count - from);
            float* source = k._source + from, target = k._target + from;
            T factor = T.Broadcast(k._factor);
            for (int i = 0; i < count; i += T.Width)
            {
                int lanes = Math.Min(T.Width, count - i);
                T value = T.LoadPartial(source + i, lanes);
                T.StorePartial(target + i, k._accumulate ? T.Fma(value, factor, T.LoadPartial(target + i, lanes)) : value * factor, lanes);
            }
        }
    }
}
