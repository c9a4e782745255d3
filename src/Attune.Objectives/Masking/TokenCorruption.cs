using Attune.Nn.Contracts;
using Attune.Objectives.Randomness;

namespace Attune.Objectives.Masking;

/// <summary>
/// What becomes of the chosen tokens: most turn into the mask, some into random tokens, the rest stay, so that the model can
/// never know which ones it will be asked for (Devlin et al. 2019, arXiv:1810.04805, 3.1).
/// </summary>
/// <param name="MaskId">The id of the mask token.</param>
/// <param name="VocabularySize">Random tokens are drawn from ids below it; special ones and the token itself are among them.</param>
public sealed record TokenCorruption(int MaskId, int VocabularySize)
{
    /// <summary>The share of chosen units that become masks.</summary>
    public double MaskShare { get; init; } = 0.8;

    /// <summary>The share of chosen units that become random tokens; what is left stays unchanged.</summary>
    public double RandomShare { get; init; } = 0.1;

    /// <summary>What it was told.</summary>
    internal IReadOnlyList<Setting> Settings =>
    [
        Setting.Of("mask_id", MaskId),
        Setting.Of("vocabulary", VocabularySize),
        Setting.Of("mask_share", MaskShare),
        Setting.Of("random_share", RandomShare),
    ];

    /// <summary>Changes the chosen tokens in place.</summary>
    /// <param name="ids">The tokens of the example.</param>
    /// <param name="chosen">The chosen ones; tokens of one unit stand together.</param>
    /// <param name="draws">The randomness: one draw a unit, and one for each random token.</param>
    public void Apply(Span<int> ids, IReadOnlyList<ChosenToken> chosen, Draws draws)
    {
        double decision = 0;
        for (int i = 0; i < chosen.Count; i++)
        {
            if (i == 0 || chosen[i].Unit != chosen[i - 1].Unit)
                decision = draws.Uniform();
            if (decision < MaskShare)
                ids[chosen[i].Position] = MaskId;
            else if (decision < MaskShare + RandomShare)
                ids[chosen[i].Position] = draws.Below(VocabularySize);
        }
    }
}
