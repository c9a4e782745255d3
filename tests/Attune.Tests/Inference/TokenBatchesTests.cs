using Attune.Inference;
using Xunit;

namespace Attune.Tests.Inference;

/// <summary>How texts are cut into batches and these into rounds of threads.</summary>
public sealed class TokenBatchesTests
{
    [Fact]
    public void Batches_hold_what_fits_and_one_text_at_least() =>
        Assert.Equal([(0, 2), (2, 1), (3, 1), (4, 3)], TokenBatches.Cut([4, 6, 5, 20, 3, 3, 4], 10));

    [Fact]
    public void No_texts_make_no_batch() => Assert.Empty(TokenBatches.Cut([], 10));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Every_batch_runs_once(int threads)
    {
        using var forced = new Tensors.Parallel.ThreadCount(threads);
        for (int batches = 0; batches < 10; batches++)
        {
            int[] runs = new int[batches];
            BatchSchedule.Run(batches, new Count(runs));
            Assert.All(runs, count => Assert.Equal(1, count));
        }
    }

    private readonly struct Count(int[] runs) : Attune.Tensors.Parallel.IJob
    {
        public void Run(int item) => Interlocked.Increment(ref runs[item]);
    }
}
