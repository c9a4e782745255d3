using Attune.Tensors.Lanes;
using Attune.Tensors.Parallel;

namespace Attune.Tensors.Kernels;

/// <summary>A kernel over a range of indices that may be cut anywhere, written once for any lane width.</summary>
internal interface IRangeKernel
{
    /// <summary>Does the indices from <paramref name="start"/> to before <paramref name="end"/>.</summary>
    void Run<T>(long start, long end)
        where T : struct, ILanes<T>;
}

/// <summary>Runs range kernels on the worker pool with the registers of <see cref="Isa.Current"/>.</summary>
internal static class RangeKernel
{
    /// <summary>Elements a piece of memory-bound work should have: enough to pay for handing it over, few enough to stay in the first caches.</summary>
    public const long Grain = 1 << 14;

    /// <summary>
    /// Runs <paramref name="kernel"/> over 0 to <paramref name="length"/> - 1 in pieces of <paramref name="grain"/>, which depend on these
    /// numbers only, never on the number of threads.
    /// </summary>
    public static void Run<TKernel>(long length, long grain, in TKernel kernel)
        where TKernel : struct, IRangeKernel
    {
        if (length <= 0)
            return;
        grain = Math.Max(grain, 1);
        switch (Isa.Current)
        {
            case >= InstructionSet.Avx512:
                Run<TKernel, Lanes512>(length, grain, kernel);
                break;
            case InstructionSet.Avx2:
                Run<TKernel, Lanes256>(length, grain, kernel);
                break;
            default:
                Run<TKernel, LanesPortable>(length, grain, kernel);
                break;
        }
    }

    /// <summary>Rows of <paramref name="width"/> elements that make up a <see cref="Grain"/>.</summary>
    public static long Rows(long width) => Math.Max(1, Grain / Math.Max(width, 1));

    private static void Run<TKernel, T>(long length, long grain, in TKernel kernel)
        where TKernel : struct, IRangeKernel
        where T : struct, ILanes<T>
        => Workers.For(checked((int)((length + grain - 1) / grain)), new Piece<TKernel, T>(length, grain, kernel));

    private readonly struct Piece<TKernel, T>(long length, long grain, in TKernel kernel) : IJob
        where TKernel : struct, IRangeKernel
        where T : struct, ILanes<T>
    {
        private readonly TKernel kernel = kernel;

        public void Run(int item)
        {
            long start = item * grain;
            kernel.Run<T>(start, Math.Min(start + grain, length));
        }
    }
}
