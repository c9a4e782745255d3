using System.Runtime.Intrinsics.X86;

namespace Attune.Tensors;

/// <summary>The CPU's instructions for sums of products of bytes and of bfloat16 numbers.</summary>
internal static class DotInstructions
{
    private const int ExtendedFeatures = 7;
    private const int Avx512Vnni = 1 << 11;
    private const int AvxVnni = 1 << 4;
    private const int Avx512BFloat16 = 1 << 5;

    /// <summary>Whether there is <c>vpdpbusd</c> for 512-bit registers.</summary>
    public static bool Bytes512 { get; } = HasLeaf && Avx512BW.IsSupported && (X86Base.CpuId(ExtendedFeatures, 0).Ecx & Avx512Vnni) != 0;

    /// <summary>Whether there is <c>vdpbf16ps</c> for 512-bit registers.</summary>
    public static bool BFloat16512 { get; } = HasLeaf && Avx512BW.IsSupported && (X86Base.CpuId(ExtendedFeatures, 1).Eax & Avx512BFloat16) != 0;

    /// <summary>Whether there is <c>vpdpbusd</c> for 256-bit registers without AVX-512, as CPUs of laptops and desktops have it.</summary>
    public static bool Bytes256 { get; } = HasLeaf && Avx2.IsSupported && (X86Base.CpuId(ExtendedFeatures, 1).Eax & AvxVnni) != 0;

    private static bool HasLeaf => X86Base.X64.IsSupported && X86Base.CpuId(0, 0).Eax >= ExtendedFeatures;
}
