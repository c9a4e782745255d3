using System.Numerics;

namespace Attune.Data.Sampling;

/// <summary>
/// A pseudo-random order of the numbers 0 to <see cref="Count"/> - 1, evaluated number by number: nothing is held in memory, and
/// any place of the order can be asked for at once. A function of (seed, epoch) alone.
/// </summary>
/// <remarks>
/// A balanced Feistel network over the next power of four, walked until it lands inside of the range (Black and Rogaway 2002,
/// "Ciphers with arbitrary finite domains"). Fewer than four steps are expected for each number.
/// </remarks>
public sealed class Permutation
{
    private const int Rounds = 8;

    private readonly ulong[] _keys = new ulong[Rounds];
    private readonly int _halfBits;
    private readonly ulong _halfMask;

    /// <summary>Chooses an order.</summary>
    /// <param name="count">How many numbers; 0 is allowed.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="epoch">The pass over the data.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    public Permutation(long count, ulong seed, long epoch = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        Count = count;
        int bits = count <= 1 ? 0 : BitOperations.Log2((ulong)count - 1) + 1;
        _halfBits = Math.Max(1, (bits + 1) / 2);
        _halfMask = (1UL << _halfBits) - 1;
        ulong state = StableHash.Mix(seed) ^ StableHash.Mix(~(ulong)epoch);
        for (int round = 0; round < Rounds; round++) _keys[round] = state = StableHash.Mix(state);
    }

    /// <summary>How many numbers are ordered.</summary>
    public long Count { get; }

    /// <summary>The number at a place of the order.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The place is not in 0 to <see cref="Count"/> - 1.</exception>
    public long this[long place]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(place);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(place, Count);
            ulong number = (ulong)place;
            do number = Encrypt(number);
            while (number >= (ulong)Count);
            return (long)number;
        }
    }

    private ulong Encrypt(ulong number)
    {
        ulong left = number >> _halfBits, right = number & _halfMask;
        foreach (ulong key in _keys) (left, right) = (right, left ^ (StableHash.Mix(right ^ key) & _halfMask));
        return (left << _halfBits) | right;
    }
}
