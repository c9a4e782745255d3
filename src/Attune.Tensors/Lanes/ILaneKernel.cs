using System.Runtime.CompilerServices;

namespace Attune.Tensors.Lanes;

/// <summary>A kernel that is written once for any lane width, with its arguments as fields.</summary>
internal interface ILaneKernel
{
    /// <summary>
    /// Does the work with registers of type <typeparamref name="T"/>. Mark it
    /// <see cref="System.Runtime.CompilerServices.MethodImplOptions.AggressiveOptimization"/> when it holds the loop: code compiled
    /// ahead of time has no AVX-512, and the first tier of the JIT does not inline.
    /// </summary>
    void Run<T>()
        where T : struct, ILanes<T>;
}

/// <summary>Runs lane kernels with the registers of <see cref="Isa.Current"/>.</summary>
internal static class LaneKernel
{
    /// <summary>Runs <paramref name="kernel"/> on this thread.</summary>
    public static void Run<TKernel>(TKernel kernel)
        where TKernel : struct, ILaneKernel
        => Run(ref kernel);

    /// <summary>Runs <paramref name="kernel"/> on this thread, where it may leave a result in its fields.</summary>
    public static void Run<TKernel>(ref TKernel kernel)
        where TKernel : struct, ILaneKernel
    {
        switch (Isa.Current)
        {
            case >= InstructionSet.Avx512:
                On<TKernel, Lanes512>(ref kernel);
                break;
            case InstructionSet.Avx2:
                On<TKernel, Lanes256>(ref kernel);
                break;
            default:
                On<TKernel, LanesPortable>(ref kernel);
                break;
        }
    }

    // Each width by itself: the JIT inlines only so much into one method, and three kernels at once would exceed it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void On<TKernel, T>(ref TKernel kernel)
        where TKernel : struct, ILaneKernel
        where T : struct, ILanes<T> => kernel.Run<T>();
}
