using Attune.Tensors.Lanes;

namespace Attune.Tensors.Kernels;

/// <summary>Sends the gradient of a maximum to where the maximum was.</summary>
internal static unsafe class MaxBackward
{
    /// <summary>For <paramref name="x"/> seen as <c>[outer, count, inner]</c> and its maxima over the middle axis.</summary>
    public static void Run(Tensor x, Tensor maxima, long outer, long count, long inner)
    {
        float* target = x.Gradient!.Target(out bool accumulate);
        if (!accumulate)
            BlockCopy.Fill(target, 0, 1, x.Count, 0);
        RangeKernel.Run(outer, RangeKernel.Rows(count * inner), new Kernel(x.Pointer, maxima.Pointer, maxima.Gradient!.Pointer, target, count, inner));
    }

    /// <summary>Adds each of <paramref name="inner"/> gradients to the first row of its column that holds the maximum.</summary>
    public static void Columns(float* x, float* maxima, float* gradient, float* target, long count, long inner)
    {
        for (long i = 0; i < inner; i++)
        {
            long c = 0;
            while (c < count - 1 && x[c * inner + i] != maxima[i])
                c++;
            target[c * inner + i] += gradient[i];
        }
    }

    private readonly struct Kernel(float* x, float* maxima, float* gradient, float* target, long count, long inner) : IRangeKernel
    {
        public void Run<T>(long start, long end)
            where T : struct, ILanes<T>
        {
            for (long o = start; o < end; o++)
            {
                long block = o * count * inner;
                Columns(x + block, maxima + o * inner, gradient + o * inner, target + block, count, inner);
            }
        }
    }
}
