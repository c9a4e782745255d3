using System.Runtime.InteropServices;

namespace Attune.Tensors.Memory;

/// <summary>A 64-byte aligned block of native memory, freed when nothing refers to it any more, or by <see cref="Free"/>.</summary>
internal sealed unsafe partial class NativeBuffer
{
    /// <summary>Cache lines and AVX-512 registers are 64 bytes wide.</summary>
    public const int Alignment = 64;

    private const int HugePage = 2 << 20;
    private const int AdviseHugePages = 14;

    /// <summary>Takes memory for <paramref name="count"/> floats; the content is undefined.</summary>
    public NativeBuffer(long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        Count = count;
        var bytes = checked((nuint)Math.Max(count, 1) * sizeof(float));

        // A matrix whose rows are kilobytes apart touches a page a row: with pages of 4 KB the address translation becomes the limit.
        var isLarge = bytes >= 2 * HugePage && OperatingSystem.IsLinux();
        Pointer = (float*)NativeMemory.AlignedAlloc(bytes, (nuint)(isLarge ? HugePage : Alignment));
        if (isLarge)
            _ = MemoryAdvise(Pointer, bytes, AdviseHugePages);

        // A collector that sees only the small managed object would let gigabytes of dead buffers pile up.
        GC.AddMemoryPressure(Math.Max(count, 1) * sizeof(float));
    }

    ~NativeBuffer() => Release();

    public float* Pointer { get; }

    public long Count { get; }

    /// <summary>Frees the memory at once: for its one owner, who knows that nobody uses it any more. Once only.</summary>
    public void Free()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    private void Release()
    {
        NativeMemory.AlignedFree(Pointer);
        GC.RemoveMemoryPressure(Math.Max(Count, 1) * sizeof(float));
    }

    // Only a wish: where the system does not grant it, nothing but speed is lost.
    [LibraryImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int MemoryAdvise(void* address, nuint length, int advice);
}
