using System.Runtime.InteropServices;

namespace Attune.Tensors.Memory;

/// <summary>A 64-byte aligned block of native memory, freed when nothing refers to it any more.</summary>
internal sealed unsafe class NativeBuffer
{
    /// <summary>Cache lines and AVX-512 registers are 64 bytes wide.</summary>
    public const int Alignment = 64;

    /// <summary>Takes memory for <paramref name="count"/> floats; the content is undefined.</summary>
    public NativeBuffer(long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        Count = count;
        Pointer = (float*)NativeMemory.AlignedAlloc(checked((nuint)Math.Max(count, 1) * sizeof(float)), Alignment);
        // A collector that sees only the small managed object would let gigabytes of dead buffers pile up.
        GC.AddMemoryPressure(Math.Max(count, 1) * sizeof(float));
    }

    ~NativeBuffer()
    {
        NativeMemory.AlignedFree(Pointer);
        GC.RemoveMemoryPressure(Math.Max(Count, 1) * sizeof(float));
    }

    public float* Pointer { get; }

    public long Count { get; }
}
