namespace Attune.Tensors.Random;

/// <summary>The Philox 4x32-10 counter-based generator: 128 random bits for every (key, counter).</summary>
internal static class Philox
{
    public const int Rounds = 10;
    public const uint Multiplier0 = 0xD2511F53;
    public const uint Multiplier1 = 0xCD9E8D57;
    public const uint Weyl0 = 0x9E3779B9;
    public const uint Weyl1 = 0xBB67AE85;

    /// <summary>
    /// A stream of single numbers takes the first words of this many consecutive blocks, then their second, third and fourth words:
    /// a register of counters gives registers of consecutive numbers.
    /// </summary>
    public const int GroupLanes = 16;

    /// <summary>The numbers of one such group of blocks.</summary>
    public const int GroupSize = 4 * GroupLanes;

    /// <summary>The block of a counter made of (step, stream, index).</summary>
    public static Block Draw(ulong seed, uint stream, uint step, ulong index)
    {
        uint key0 = (uint)seed, key1 = (uint)(seed >> 32);
        uint x0 = (uint)index, x1 = (uint)(index >> 32), x2 = stream, x3 = step;
        for (int round = 0; round < Rounds; round++)
        {
            ulong product0 = (ulong)Multiplier0 * x0;
            ulong product1 = (ulong)Multiplier1 * x2;
            (x0, x1, x2, x3) = ((uint)(product1 >> 32) ^ x1 ^ key0, (uint)product1, (uint)(product0 >> 32) ^ x3 ^ key1, (uint)product0);
            key0 += Weyl0;
            key1 += Weyl1;
        }
        return new Block(x0, x1, x2, x3);
    }

    internal readonly record struct Block(uint X0, uint X1, uint X2, uint X3);
}
