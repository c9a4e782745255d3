using System.Runtime.InteropServices;
using Attune.Nn.Contracts;
using Attune.Objectives.Randomness;

namespace Attune.Objectives.Masking;

/// <summary>
/// ALBERT's choice (Lan et al. 2020, arXiv:1909.11942): runs of one to three whole words, shorter ones more often
/// (probability in proportion to 1 / length), until the goal is reached. Needs <see cref="Example.Words"/>.
/// </summary>
/// <param name="Probability">The share of all tokens of the example, special ones counted, that is the goal.</param>
/// <param name="MaxPredictions">The most tokens chosen in one example.</param>
/// <param name="MaxWords">The longest run.</param>
public sealed record NGramMasking(double Probability = 0.15, int MaxPredictions = int.MaxValue, int MaxWords = 3) : IMaskingStrategy
{
    private readonly MaskingUnits _units = new();
    private readonly List<int> _order = [];

    /// <inheritdoc/>
    public string Name => "n-gram";

    /// <inheritdoc/>
    public IReadOnlyList<Setting> Settings =>
    [
        Setting.Of("masking", Name),
        Setting.Of("probability", Probability),
        Setting.Of("max_predictions", MaxPredictions),
        Setting.Of("max_words", MaxWords),
    ];

    /// <inheritdoc/>
    public void Choose(Example example, Draws draws, List<ChosenToken> chosen)
    {
        _units.Find(example, words: true);
        _order.Clear();
        for (int unit = 0; unit < _units.Count; unit++)
            _order.Add(unit);
        draws.Shuffle(CollectionsMarshal.AsSpan(_order));
        Take(_units, _order, CountedMasking.Goal(example.Ids.Length, Probability, MaxPredictions), fitting => Draw(fitting, draws), chosen);
        chosen.Sort(static (a, b) => a.Position.CompareTo(b.Position));
    }

    /// <summary>Takes runs of words from their starts, in an order, until the goal is reached.</summary>
    /// <param name="units">The words.</param>
    /// <param name="order">The order in which words are tried as starts.</param>
    /// <param name="goal">How many tokens to choose.</param>
    /// <param name="length">Draws a number of words, given how many are left from the start on; asked at every start that is tried.</param>
    /// <param name="chosen">Gets the tokens.</param>
    internal static void Take(MaskingUnits units, IReadOnlyList<int> order, int goal, Func<int, int> length, List<ChosenToken> chosen)
    {
        foreach (int start in order)
        {
            if (chosen.Count >= goal)
                return;
            int words = length(units.Count - start);
            while (words > 0 && chosen.Count + Tokens(units, start, words) > goal)
                words--;
            if (words == 0 || AnyTaken(units, start, words, chosen))
                continue;
            for (int unit = start; unit < start + words; unit++)
            {
                foreach (int position in units[unit])
                    chosen.Add(new ChosenToken(position, position));
            }
        }
    }

    private int Draw(int fitting, Draws draws)
    {
        Span<double> probabilities = stackalloc double[Math.Min(MaxWords, fitting)];
        double sum = 0;
        for (int n = 0; n < probabilities.Length; n++)
            sum += probabilities[n] = 1.0 / (n + 1);
        foreach (ref double probability in probabilities)
            probability /= sum;
        return 1 + draws.Weighted(probabilities);
    }

    private static int Tokens(MaskingUnits units, int start, int words)
    {
        int tokens = 0;
        for (int unit = start; unit < start + words; unit++)
            tokens += units[unit].Length;
        return tokens;
    }

    private static bool AnyTaken(MaskingUnits units, int start, int words, List<ChosenToken> chosen)
    {
        for (int unit = start; unit < start + words; unit++)
        {
            foreach (ChosenToken token in chosen)
            {
                if (units[unit].Contains(token.Position))
                    return true;
            }
        }
        return false;
    }
}
