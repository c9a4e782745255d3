using Attune.Tensors;
using Attune.Tensors.Parallel;
using Xunit;

namespace Attune.Tests.Tensors.Parallel;

[Collection(nameof(Workers))]
public sealed class WorkersTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void EveryItemRunsExactlyOnce(int threads)
    {
        using var restore = new ThreadCount(threads);
        foreach (var items in (int[])[0, 1, 2, 7, 1000])
        {
            var hits = new int[items];
            for (var repeat = 0; repeat < 50; repeat++)
                Workers.For(items, new Count(hits));
            Assert.All(hits, hit => Assert.Equal(50, hit));
        }
    }

    [Fact]
    public void RangesCoverTheLengthInFixedPieces()
    {
        using var restore = new ThreadCount(3);
        var pieces = new int[103];
        Workers.ForRanges(103, 10, new Mark(pieces));
        for (var i = 0; i < pieces.Length; i++)
            Assert.Equal((i / 10 * 10) + 1, pieces[i]);
    }

    [Fact]
    public void NestedCallsRunInline()
    {
        using var restore = new ThreadCount(3);
        var hits = new int[8 * 8];
        Workers.For(8, new Nest(hits));
        Assert.All(hits, hit => Assert.Equal(1, hit));
    }

    [Fact]
    public void CallsFromSeveralThreadsDoNotDisturbEachOther()
    {
        using var restore = new ThreadCount(3);
        var hits = new int[4][];
        var threads = new Thread[4];
        for (var t = 0; t < threads.Length; t++)
        {
            var own = hits[t] = new int[100];
            threads[t] = new Thread(() =>
            {
                for (var repeat = 0; repeat < 100; repeat++)
                    Workers.For(own.Length, new Count(own));
            });
            threads[t].Start();
        }

        foreach (var thread in threads)
            thread.Join();
        Assert.All(hits, own => Assert.All(own, hit => Assert.Equal(100, hit)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void AnExceptionReachesTheCallerAndThePoolLivesOn(int threads)
    {
        using var restore = new ThreadCount(threads);
        var error = Assert.Throws<InvalidOperationException>(() => Workers.For(100, new Fail(37)));
        Assert.Equal("item 37", error.Message);
        var hits = new int[50];
        Workers.For(50, new Count(hits));
        Assert.All(hits, hit => Assert.Equal(1, hit));
    }

    [Fact]
    public void ACallAllocatesNothing()
    {
        using var restore = new ThreadCount(2);
        var hits = new int[16];
        Workers.For(16, new Count(hits));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var repeat = 0; repeat < 100; repeat++)
            Workers.For(16, new Count(hits));
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void JobsFlushDenormalsAndKeepTheForcedInstructionSet()
    {
        using var restore = new ThreadCount(3);
        using var force = Isa.Force(InstructionSet.Portable);
        var sets = new int[64];
        var quarters = new float[64];
        Workers.For(64, new Observe(sets, quarters));
        Assert.All(sets, set => Assert.Equal((int)InstructionSet.Portable, set));
        if (FloatingPoint.CanFlushDenormals)
            Assert.All(quarters, quarter => Assert.Equal(0f, quarter));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("two")]
    [InlineData("100000")]
    public void ABadThreadCountIsAnErrorThatNamesIt(string value)
    {
        var error = Assert.Throws<ArgumentException>(() => Workers.FromEnvironment(value));
        Assert.Contains($"ATTUNE_THREADS={value}", error.Message, StringComparison.Ordinal);
    }

    private readonly struct Count(int[] hits) : IJob
    {
        public void Run(int item) => Interlocked.Increment(ref hits[item]);
    }

    private readonly struct Mark(int[] pieces) : IRangeJob
    {
        public void Run(int start, int end) => pieces.AsSpan(start, end - start).Fill(start + 1);
    }

    private readonly struct Nest(int[] hits) : IJob
    {
        public void Run(int item) => Workers.For(8, new Inner(hits, item * 8));

        private readonly struct Inner(int[] hits, int first) : IJob
        {
            public void Run(int item) => Interlocked.Increment(ref hits[first + item]);
        }
    }

    private readonly struct Fail(int bad) : IJob
    {
        public void Run(int item)
        {
            if (item == bad)
                throw new InvalidOperationException($"item {item}");
        }
    }

    private readonly struct Observe(int[] sets, float[] quarters) : IJob
    {
        public void Run(int item)
        {
            sets[item] = (int)Isa.Current;
            quarters[item] = float.BitDecrement(2e-38f) * 0.25f;
        }
    }
}
