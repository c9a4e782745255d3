using Attune.Nn.Contracts;
using Attune.Objectives.Randomness;

namespace Attune.Objectives.Masking;

/// <summary>
/// Chooses every token that is not special with the same probability, each on its own, so that an example may end up with none; or
/// whole units (words, phrases, names) in the same way, as ERNIE does (Sun et al. 2019, arXiv:1904.09223).
/// </summary>
/// <param name="Probability">That probability.</param>
/// <param name="WholeUnits">Choose all tokens of a unit or none; needs <see cref="Example.Words"/>. What becomes of each is decided apart.</param>
public sealed record IndependentMasking(double Probability = 0.15, bool WholeUnits = false) : IMaskingStrategy
{
    /// <inheritdoc/>
    public string Name => WholeUnits ? "units" : "independent";

    /// <inheritdoc/>
    public IReadOnlyList<Setting> Settings =>
    [
        Setting.Of("masking", Name),
        Setting.Of("probability", Probability),
    ];

    /// <inheritdoc/>
    public void Choose(Example example, Draws draws, List<ChosenToken> chosen) => Choose(example, draws.Uniform, chosen);

    /// <summary>Chooses by given numbers, one for each token, special or not: what is special does not move the choices after it.</summary>
    internal void Choose(Example example, Func<double> number, List<ChosenToken> chosen)
    {
        ReadOnlySpan<bool> special = example.Special.Span;
        ReadOnlySpan<int> units = example.Words.Span;
        if (WholeUnits && units.Length != example.Ids.Length)
            throw new ArgumentException("Masking units needs the word of each token; the examples were tokenized without words.", nameof(example));
        bool wanted = false;
        for (int position = 0; position < example.Ids.Length; position++)
        {
            bool lucky = number() < Probability;
            // The first token of a unit decides for all of it.
            if (!WholeUnits || position == 0 || units[position] != units[position - 1])
                wanted = lucky;
            if (wanted && (special.IsEmpty || !special[position]))
                chosen.Add(new ChosenToken(position, position));
        }
    }
}
