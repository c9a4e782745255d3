using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Attune.Tensors.Kernels;

/// <summary>Asks for memory before it is needed. A hint: any address is allowed, and CPUs without the instruction ignore it.</summary>
internal static unsafe class Prefetch
{
    /// <summary>Floats in a cache line.</summary>
    public const int Line = 16;

    /// <summary>Brings the cache line at <paramref name="address"/> as near as possible.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Near(float* address)
    {
        if (Sse.IsSupported)
            Sse.Prefetch0(address);
    }

    /// <summary>Brings the cache line at <paramref name="address"/> into the second-level cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Middle(float* address)
    {
        if (Sse.IsSupported)
            Sse.Prefetch1(address);
    }
}
