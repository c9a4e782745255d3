using System.Runtime.CompilerServices;
using Attune.Tensors.Kernels.Dropout;
using Attune.Tensors.Lanes;
using Attune.Tensors.Parallel;

namespace Attune.Tensors.Kernels.Residual;

/// <summary>output = input (dropped out) + residual; without a residual dropout alone. Elements are one flat run.</summary>
internal unsafe struct ResidualForward : ILaneKernel
{
    private const int Grain = 16384;

    public float* Input;
    public float* Residual;
    public DropoutMask Dropout;
    public long FirstIndex;
    public float* Output;
    public long Count;

    public readonly void Run<T>()
        where T : struct, ILanes<T> => Workers.For((int)((Count + Grain - 1) / Grain), new Job<T>(this));

    private readonly struct Job<T>(ResidualForward kernel) : IJob
        where T : struct, ILanes<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int item)
        {
            ResidualForward k = kernel;
            long from = (long)item * Grain;
            int count = (int)Math.Min(Grain, k.Count - from);
            ResidualSum.Row<T>(
                k.Input + from, k.Residual is null ? null : k.Residual + from, k.Dropout, k.FirstIndex + from, k.Output + from, count);
        }
    }
}
