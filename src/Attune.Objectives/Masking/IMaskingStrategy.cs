using Attune.Nn.Contracts;
using Attune.Objectives.Randomness;

namespace Attune.Objectives.Masking;

/// <summary>
/// Chooses which tokens of an example a masked language model must predict: single tokens, whole words, spans. What becomes of
/// them (mask, random, unchanged) is <see cref="TokenCorruption"/>'s business.
/// </summary>
/// <remarks>Immutable, or its caches are its own: used by one thread.</remarks>
public interface IMaskingStrategy
{
    /// <summary>The name in recipes and messages.</summary>
    string Name { get; }

    /// <summary>What it was told; the first one is <c>masking</c>, its name.</summary>
    IReadOnlyList<Setting> Settings { get; }

    /// <summary>Adds the chosen positions to <paramref name="chosen"/>, which is empty. Special tokens are never chosen.</summary>
    void Choose(Example example, Draws draws, List<ChosenToken> chosen);
}

/// <summary>A token to be predicted.</summary>
/// <param name="Position">Its position in the example.</param>
/// <param name="Unit">Tokens of the same unit are corrupted alike: all masked, all random or all unchanged.</param>
public readonly record struct ChosenToken(int Position, int Unit);
