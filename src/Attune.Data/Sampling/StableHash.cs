namespace Attune.Data.Sampling;

/// <summary>A hash of text that is the same in every process and on every machine, for splits that must not move.</summary>
public static class StableHash
{
    /// <summary>64 well-mixed bits (FNV-1a over the UTF-16 units, then a finaliser).</summary>
    public static ulong Of(ReadOnlySpan<char> text, ulong seed = 0)
    {
        ulong hash = 14695981039346656037 ^ Mix(seed);
        foreach (char c in text) hash = unchecked((hash ^ c) * 1099511628211);
        return Mix(hash);
    }

    /// <summary>A number in [0, 1).</summary>
    public static double Fraction(ReadOnlySpan<char> text, ulong seed = 0) => (Of(text, seed) >> 11) * (1.0 / (1UL << 53));

    /// <summary>Spreads every bit over all others (the finaliser of SplitMix64).</summary>
    internal static ulong Mix(ulong bits)
    {
        unchecked
        {
            bits += 0x9E3779B97F4A7C15;
            bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
            bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
            return bits ^ (bits >> 31);
        }
    }
}
