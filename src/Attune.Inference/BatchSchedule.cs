using Attune.Tensors.Parallel;

namespace Attune.Inference;

/// <summary>Runs passes over batches so that all threads are busy from the first to the last.</summary>
/// <remarks>
/// Between the kernels of one pass threads wait for each other, and its few sequences are hard to share out: a thread that has a pass of its
/// own does not wait for anybody. Only the batches left over after full rounds run one after another, each on all threads. What a pass
/// computes is the same either way.
/// </remarks>
internal static class BatchSchedule
{
    /// <summary>Does items 0 to <paramref name="batches"/> - 1, several at the same time.</summary>
    public static void Run<TJob>(int batches, in TJob job)
        where TJob : struct, IJob
    {
        int rounds = batches - batches % Workers.Count;
        Workers.For(rounds, job);
        // A call for one item takes no other thread, so that the kernels within can have them all.
        for (int batch = rounds; batch < batches; batch++)
            Workers.For(1, new From<TJob>(batch, job));
    }

    private readonly struct From<TJob>(int first, TJob job) : IJob
        where TJob : struct, IJob
    {
        public void Run(int item) => job.Run(first + item);
    }
}
