using Attune.Nn.Contracts;
using Attune.Objectives.Randomness;

namespace Attune.Objectives.Masking;

/// <summary>
/// BERT's own choice (Devlin et al. 2019, arXiv:1810.04805): a fixed share of each example, of tokens or of whole words in a
/// random order until the goal is reached.
/// </summary>
/// <param name="Probability">The share of all tokens of the example, special ones counted, that is the goal.</param>
/// <param name="MaxPredictions">The most tokens chosen in one example.</param>
/// <param name="WholeWords">Choose all tokens of a word or none; needs <see cref="Example.Words"/>.</param>
public sealed record CountedMasking(double Probability = 0.15, int MaxPredictions = int.MaxValue, bool WholeWords = false) : IMaskingStrategy
{
    private readonly MaskingUnits _units = new();
    private readonly List<int> _order = [];

    /// <inheritdoc/>
    public string Name => WholeWords ? "whole-word" : "counted";

    /// <inheritdoc/>
    public IReadOnlyList<Setting> Settings =>
    [
        Setting.Of("masking", Name),
        Setting.Of("probability", Probability),
        Setting.Of("max_predictions", MaxPredictions),
    ];

    /// <summary>How many tokens of an example of a length are to be chosen.</summary>
    public static int Goal(int length, double probability, int most) =>
        Math.Min(most, Math.Max(1, (int)Math.Round(length * probability, MidpointRounding.ToEven)));

    /// <inheritdoc/>
    public void Choose(Example example, Draws draws, List<ChosenToken> chosen)
    {
        _units.Find(example, WholeWords);
        _order.Clear();
        for (int unit = 0; unit < _units.Count; unit++)
            _order.Add(unit);
        draws.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_order));
        Take(_units, _order, Goal(example.Ids.Length, Probability, MaxPredictions), chosen);
        chosen.Sort(static (a, b) => a.Position.CompareTo(b.Position));
    }

    /// <summary>Takes units in an order until the goal is reached; one that would go beyond it is passed over.</summary>
    internal static void Take(MaskingUnits units, IReadOnlyList<int> order, int goal, List<ChosenToken> chosen)
    {
        foreach (int unit in order)
        {
            if (chosen.Count >= goal)
                return;
            ReadOnlySpan<int> positions = units[unit];
            if (chosen.Count + positions.Length > goal)
                continue;
            foreach (int position in positions)
                chosen.Add(new ChosenToken(position, position));
        }
    }
}
