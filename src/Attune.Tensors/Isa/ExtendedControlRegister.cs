using System.Runtime.Intrinsics.X86;
using Attune.Tensors.Emit;

namespace Attune.Tensors;

/// <summary>XCR0, the register in which the system says which states of the CPU it keeps for threads; .NET has no intrinsic for it.</summary>
internal static unsafe class ExtendedControlRegister
{
    private const int Features = 1;
    private const int IsReadable = 1 << 27;

    /// <summary>Its bits, one a state; zero if the CPU or the system does not let them be read.</summary>
    public static ulong Read()
    {
        if (!X86Base.X64.IsSupported || (X86Base.CpuId(Features, 0).Ecx & IsReadable) == 0)
            return 0;
        // xor ecx, ecx; xgetbv; shl rdx, 32; or rax, rdx; ret
        var code = ExecutableMemory.Map([0x31, 0xC9, 0x0F, 0x01, 0xD0, 0x48, 0xC1, 0xE2, 0x20, 0x48, 0x09, 0xD0, 0xC3]);
        return code is null ? 0 : ((delegate* unmanaged[SuppressGCTransition]<ulong>)code)();
    }
}
