using Attune.Nn.Contracts;
using Attune.Objectives.Randomness;

namespace Attune.Objectives.Masking;

/// <summary>Chooses every token that is not special with the same probability, each on its own: an example may end up with none.</summary>
/// <param name="Probability">That probability.</param>
public sealed record IndependentMasking(double Probability = 0.15) : IMaskingStrategy
{
    /// <inheritdoc/>
    public string Name => "independent";

    /// <inheritdoc/>
    public void Choose(Example example, Draws draws, List<ChosenToken> chosen)
    {
        ReadOnlySpan<bool> special = example.Special.Span;
        for (int position = 0; position < example.Ids.Length; position++)
        {
            // A draw for each position, special or not: what is special does not move the choices after it.
            bool wanted = draws.Uniform() < Probability;
            if (wanted && (special.IsEmpty || !special[position]))
                chosen.Add(new ChosenToken(position, position));
        }
    }
}
