using System.Runtime.Intrinsics.X86;

namespace Attune.Tensors;

/// <summary>The CPU's instructions for sums of products of bytes and of bfloat16 numbers, which .NET has no intrinsics for.</summary>
internal static class DotInstructions
{
    private const int ExtendedFeatures = 7;
    private const int Vnni = 1 << 11;
    private const int BFloat16 = 1 << 5;

    /// <summary>Whether there is <c>vpdpbusd</c> for 512-bit registers.</summary>
    public static bool Bytes512 { get; } = HasLeaf && Avx512BW.IsSupported && (X86Base.CpuId(ExtendedFeatures, 0).Ecx & Vnni) != 0;

    /// <summary>Whether there is <c>vdpbf16ps</c> for 512-bit registers.</summary>
    public static bool BFloat16512 { get; } = HasLeaf && Avx512BW.IsSupported && (X86Base.CpuId(ExtendedFeatures, 1).Eax & BFloat16) != 0;

    private static bool HasLeaf => X86Base.X64.IsSupported && X86Base.CpuId(0, 0).Eax >= ExtendedFeatures;
}
