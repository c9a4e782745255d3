using Attune.Tensors.Emit;

namespace Attune.Tensors;

/// <summary>Two tiny functions in machine code that store and load MXCSR, the control register that .NET has no intrinsic for.</summary>
/// <remarks>Bytes rather than an assembler: a few instructions that every process needs must not cost a library at start-up.</remarks>
internal static unsafe class ControlRegisterCode
{
    /// <summary>Where in the code the loading function begins; the storing one is at its start.</summary>
    public const int WriteOffset = 16;

    /// <summary>Puts the code into executable memory; null if the system does not allow that.</summary>
    public static byte* Map()
    {
        // The address comes in rcx on Windows, in rdi elsewhere.
        var register = (byte)(OperatingSystem.IsWindows() ? 1 : 7);
        Span<byte> code = stackalloc byte[2 * WriteOffset];
        ReadOnlySpan<byte> store = [0x0F, 0xAE, (byte)(3 << 3 | register), 0xC3]; // stmxcsr [register]; ret
        ReadOnlySpan<byte> load = [0x0F, 0xAE, (byte)(2 << 3 | register), 0xC3]; // ldmxcsr [register]; ret
        store.CopyTo(code);
        load.CopyTo(code[WriteOffset..]);
        return ExecutableMemory.Map(code);
    }
}
