using Attune.Objectives.Randomness;

namespace Attune.Objectives.Permutation;

/// <summary>
/// XLNet's choice of the tokens to be predicted (Yang et al. 2019, arXiv:1906.08237): runs of pieces, each somewhere in a stretch of context that is
/// so many times as long. The released code counts pieces where the paper says words; so does this.
/// </summary>
/// <param name="ContextShare">How much longer a stretch of context is than its run.</param>
/// <param name="MaxPieces">The longest run.</param>
public sealed record PartialPrediction(int ContextShare = 6, int MaxPieces = 5)
{
    /// <summary>The length of the stretch of context that a run gets.</summary>
    public int Context(int pieces) => pieces * ContextShare;

    /// <summary>The probability of each run length from 1: the shorter, the likelier.</summary>
    public double[] Lengths()
    {
        double[] shares = [.. Enumerable.Range(1, MaxPieces).Select(n => 1.0 / n)];
        double sum = shares.Sum();
        return [.. shares.Select(share => share / sum)];
    }

    /// <summary>Chooses tokens of a text.</summary>
    /// <param name="starts">Whether a token begins a word.</param>
    /// <param name="allowed">Whether a token may be chosen; at least one must be.</param>
    /// <param name="goal">How many are to be chosen, at most as many as may be.</param>
    /// <param name="draws">The random choices.</param>
    public bool[] Choose(ReadOnlySpan<bool> starts, ReadOnlySpan<bool> allowed, int goal, Draws draws)
    {
        bool[] chosen = new bool[starts.Length];
        double[] lengths = Lengths();
        int count = 0;
        for (int position = 0; position < chosen.Length && count < goal;)
        {
            int pieces = Math.Min(1 + draws.Weighted(lengths), goal - count);
            int left = draws.Below(Context(pieces));
            int begin = position + left;
            while (begin < chosen.Length && !starts[begin])
                begin++;
            int end = begin + pieces;
            if (end >= chosen.Length)
                break;
            for (int i = begin; i < end; i++)
            {
                count += allowed[i] ? 1 : 0;
                chosen[i] = allowed[i];
            }
            position = end + Context(pieces) - left;
        }
        while (count < goal)
        {
            int i = draws.Below(chosen.Length);
            if (!allowed[i] || chosen[i])
                continue;
            chosen[i] = true;
            count++;
        }
        return chosen;
    }
}
