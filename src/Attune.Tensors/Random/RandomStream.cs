namespace Attune.Tensors.Random;

/// <summary>
/// Random numbers as a function: number <c>i</c> of a stream depends on (seed, stream, step, i) and on nothing else, so
/// results do not depend on the order of execution, the number of threads, how a batch was split or whether a run was
/// resumed. Philox 4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").
/// </summary>
/// <param name="Seed">The run's seed.</param>
/// <param name="StreamId">What the numbers are for; see <see cref="Stream(uint)"/>.</param>
/// <param name="Step">The training step or epoch.</param>
public readonly record struct RandomStream(ulong Seed, uint StreamId = 0, uint Step = 0)
{
    /// <summary>An independent stream below this one.</summary>
    public RandomStream Stream(uint id) => this with { StreamId = Mix(StreamId, id) };

    /// <summary>An independent stream below this one, by name (the same name always gives the same stream).</summary>
    public RandomStream Stream(string name)
    {
        uint hash = 2166136261;
        foreach (char c in name)
            hash = (hash ^ c) * 16777619;
        return Stream(hash);
    }

    /// <summary>The same stream at another step.</summary>
    public RandomStream At(long step) => this with { Step = (uint)step };

    /// <summary>32 random bits.</summary>
    public uint Bits(long index)
    {
        long group = index / Philox.GroupSize, lane = index % Philox.GroupLanes;
        Philox.Block block = Philox.Draw(Seed, StreamId, Step, (ulong)(group * Philox.GroupLanes + lane));
        return (index / Philox.GroupLanes % 4) switch { 0 => block.X0, 1 => block.X1, 2 => block.X2, _ => block.X3 };
    }

    /// <summary>A number in [0, 1) with 24 random bits.</summary>
    public float Uniform(long index) => (Bits(index) >> 8) * (1f / (1 << 24));

    /// <summary>A number in [0, 1) with 53 random bits; indices count separately from <see cref="Uniform"/>.</summary>
    public double UniformDouble(long index)
    {
        Philox.Block block = Philox.Draw(Seed, StreamId, Step, (ulong)index);
        return ((((ulong)block.X0 << 32) | block.X1) >> 11) * (1.0 / (1UL << 53));
    }

    /// <summary>A whole number in [0, <paramref name="limit"/>).</summary>
    public int Below(long index, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        Philox.Block block = Philox.Draw(Seed, StreamId, Step, (ulong)index);
        // 64 random bits against at most 31: the bias is below 2^-33.
        return (int)Math.BigMul(((ulong)block.X0 << 32) | block.X1, (ulong)limit, out _);
    }

    /// <summary>A number of the standard normal distribution (Box-Muller; values are exact to float32).</summary>
    public float Normal(long index)
    {
        Philox.Block block = Philox.Draw(Seed, StreamId, Step, (ulong)index >> 1);
        double radius = Math.Sqrt(-2 * Math.Log((block.X0 + 1.0) / 4294967296.0));
        double angle = 2 * Math.PI * (block.X1 / 4294967296.0);
        return (float)(radius * ((index & 1) == 0 ? Math.Cos(angle) : Math.Sin(angle)));
    }

    private static uint Mix(uint a, uint b)
    {
        uint h = (a * 0x9E3779B1u) ^ (b + 0x7F4A7C15u + (a << 6) + (a >> 2));
        h = (h ^ (h >> 16)) * 0x85EBCA6Bu;
        h = (h ^ (h >> 13)) * 0xC2B2AE35u;
        return h ^ (h >> 16);
    }
}
