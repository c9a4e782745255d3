namespace Attune.Tensors.Memory;

/// <summary>Working memory of kernels: one block a thread and purpose, kept and grown as needed, with undefined content.</summary>
internal static unsafe class ThreadScratch
{
    [ThreadStatic]
    private static NativeBuffer? shared;

    [ThreadStatic]
    private static NativeBuffer? own;

    [ThreadStatic]
    private static NativeBuffer? kept;

    /// <summary>
    /// At least <paramref name="count"/> floats for what a caller of <see cref="Parallel.Workers"/> prepares for all its workers.
    /// The pointer is good until the thread's next call.
    /// </summary>
    public static float* Shared(long count) => AtLeast(ref shared, count);

    /// <summary>
    /// At least <paramref name="count"/> floats for what a kernel needs while it runs on one thread, whether or not within a job.
    /// The pointer is good until the thread's next call.
    /// </summary>
    public static float* Own(long count) => AtLeast(ref own, count);

    /// <summary>
    /// At least <paramref name="count"/> floats for what a thread keeps from one item of a product to the next, whatever it computes otherwise.
    /// The content lasts until the thread's next call with another count.
    /// </summary>
    public static float* Kept(long count) => AtLeast(ref kept, count);

    private static float* AtLeast(ref NativeBuffer? buffer, long count)
    {
        if (buffer is null || buffer.Count < count)
            buffer = new NativeBuffer(Math.Max(count, 2 * (buffer?.Count ?? 0)));
        return buffer.Pointer;
    }
}
