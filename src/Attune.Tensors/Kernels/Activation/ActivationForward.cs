using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;
using Attune.Tensors.Parallel;

namespace Attune.Tensors.Kernels.Activation;

/// <summary>Applies an activation to every element. Input and output may be the same memory.</summary>
internal unsafe struct ActivationForward<TFunction> : ILaneKernel
    where TFunction : struct, IActivationFunction
{
    private const int Grain = 16384;

    public float* Input;
    public float* Output;
    public long Count;

    public readonly void Run<T>()
        where T : struct, ILanes<T> => Workers.For((int)((Count + Grain - 1) / Grain), new Job<T>(this));

    private readonly struct Job<T>(ActivationForward<TFunction> kernel) : IJob
        where T : struct, ILanes<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int item)
        {
            long from = (long)item * Grain;
            int count = (int)Math.Min(Grain, kernel.Count - from);
            float* input = kernel.Input + from, output = kernel.Output + from;
            for (int i = 0; i < count; i += T.Width)
            {
                int lanes = Math.Min(T.Width, count - i);
                T.StorePartial(output + i, TFunction.Value(T.LoadPartial(input + i, lanes)), lanes);
            }
        }
    }
}
