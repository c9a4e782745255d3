using Attune.Data.Sampling;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Xunit;

namespace Attune.Tests.Data;

public sealed class SamplerTests
{
    [Property(MaxTest = 200)]
    public Property APermutationHasEveryNumberOnce() => Prop.ForAll(
        Gen.Choose(0, 3000).ToArbitrary(), ArbMap.Default.ArbFor<ulong>(), ArbMap.Default.ArbFor<byte>(), (count, seed, epoch) =>
        {
            Permutation order = new(count, seed, epoch);
            bool[] seen = new bool[count];
            for (int i = 0; i < count; i++) seen[(int)order[i]] = true;
            return seen.All(found => found);
        });

    [Fact]
    public void APermutationIsAFunctionOfSeedAndEpoch()
    {
        long[] Order(ulong seed, long epoch) => [.. Enumerable.Range(0, 100).Select(i => new Permutation(100, seed, epoch)[i])];
        Assert.Equal(Order(1, 0), Order(1, 0));
        Assert.NotEqual(Order(1, 0), Order(1, 1));
        Assert.NotEqual(Order(1, 0), Order(2, 0));
        Assert.NotEqual(Order(1, 0), [.. Enumerable.Range(0, 100).Select(i => (long)i)]);
    }

    [Fact]
    public void APermutationOfATrillionIsEvaluatedAnywhere()
    {
        const long count = 1_000_000_000_000;
        Permutation order = new(count, 7);
        long[] numbers = [.. Enumerable.Range(0, 1000).Select(i => order[(long)i * 999_999_999])];
        Assert.Equal(numbers.Length, numbers.Distinct().Count());
        Assert.All(numbers, number => Assert.InRange(number, 0, count - 1));
        Assert.InRange(numbers.Average(), 0.45 * count, 0.55 * count);
    }

    [Fact]
    public void PlacesAreUniform()
    {
        // Where number 0 of 12 lands, over 12,000 epochs: chi-squared with 11 degrees of freedom, 0.999 quantile 31.3.
        int[] places = new int[12];
        for (int epoch = 0; epoch < 12_000; epoch++) places[(int)new Permutation(12, 3, epoch)[0]]++;
        Assert.True(places.Sum(n => (n - 1000.0) * (n - 1000.0) / 1000) < 31.3, string.Join(" ", places));
    }

    [Fact]
    public void PairsOfNeighboursAreUniform()
    {
        // Ordered pairs of the first two places of 5: 20 equally likely pairs; chi-squared with 19 degrees of freedom, 0.999 quantile 43.8.
        int[] pairs = new int[25];
        for (int epoch = 0; epoch < 20_000; epoch++)
        {
            Permutation order = new(5, 11, epoch);
            pairs[(int)((order[0] * 5) + order[1])]++;
        }
        double chi = pairs.Where((_, i) => i / 5 != i % 5).Sum(n => (n - 1000.0) * (n - 1000.0) / 1000);
        Assert.True(chi < 43.8, $"{chi}: {string.Join(" ", pairs)}");
    }

    [Fact]
    public void AnOutsidePlaceIsRefused()
    {
        Permutation order = new(10, 0);
        Assert.Throws<ArgumentOutOfRangeException>(() => order[10]);
        Assert.Throws<ArgumentOutOfRangeException>(() => order[-1]);
    }

    [Theory]
    [InlineData(false, 4)]
    [InlineData(true, 3)]
    public void AnEpochHasEveryExampleOnce(bool dropLast, int steps)
    {
        EpochSampler sampler = new(10, 3, seed: 1, dropLast: dropLast);
        Assert.Equal(steps, sampler.StepsPerEpoch);
        long[] first = [.. Enumerable.Range(0, steps).SelectMany(step => sampler.Batch(step))];
        long[] second = [.. Enumerable.Range(steps, steps).SelectMany(step => sampler.Batch(step))];
        Assert.Equal(dropLast ? 9 : 10, first.Distinct().Count());
        Assert.Equal(first.Length, first.Distinct().Count());
        Assert.Equal(sampler.SmallestBatch, Enumerable.Range(0, steps).Min(step => sampler.Batch(step).Length));
        Assert.NotEqual(first, second);
        Assert.Equal(sampler.Batch(17), new EpochSampler(10, 3, seed: 1, dropLast: dropLast).Batch(17));
    }

    [Fact]
    public void WithoutShufflingExamplesComeInOrder()
    {
        EpochSampler sampler = new(5, 2, seed: 1, shuffle: false);
        Assert.Equal([0, 1], sampler.Batch(0));
        Assert.Equal([4], sampler.Batch(2));
        Assert.Equal([0, 1], sampler.Batch(3));
    }

    [Fact]
    public void DrawsWithReplacementCoverTheWholeSet()
    {
        ReplacementSampler sampler = new(7, 700, seed: 5);
        Assert.All(sampler.Batch(0).GroupBy(i => i), group => Assert.InRange(group.Count(), 60, 150));
        Assert.Equal(7, sampler.Batch(0).Distinct().Count());
        Assert.NotEqual(sampler.Batch(0), sampler.Batch(1));
        Assert.Equal(sampler.Batch(3), new ReplacementSampler(7, 700, seed: 5).Batch(3));
    }

    [Property(MaxTest = 100)]
    public Property AllWorkersTogetherHaveTheGlobalBatch() => Prop.ForAll(Gen.Choose(0, 40).ToArbitrary(), Gen.Choose(1, 9).ToArbitrary(), (size, world) =>
    {
        long[] batch = [.. Enumerable.Range(0, size).Select(i => (long)i * i)];
        BatchShare[] shares = [.. Enumerable.Range(0, world).Select(rank => BatchShare.Of(batch, rank, world))];
        return shares.SelectMany(share => share.Examples.ToArray()).SequenceEqual(batch)
            && shares.All(share => share.Examples.IsEmpty || share.Examples.Span[0] == batch[share.FirstIndex])
            && shares.Max(share => share.Examples.Length) - shares.Min(share => share.Examples.Length) <= 1;
    });
}
