using Attune.Nn.Contracts;
using Attune.Objectives;
using Attune.Objectives.Masking;

namespace Attune;

public static partial class Catalog
{
    /// <summary>The pre-training objectives.</summary>
    public static CatalogAxis<LearnableEntry<IObjective>> Objectives { get; } = new("objective", entry => entry.Name,
    [
        new("masked-lm", "predict hidden tokens from both sides (BERT)", new MaskedLm(new IndependentMasking(), new TokenCorruption(0, 1)), MakeMaskedLm),
        new("causal-lm", "predict the next token (GPT)", new CausalLm(), _ => new CausalLm()),
    ]);

    /// <summary>The ways of choosing the tokens that a masked language model predicts.</summary>
    public static CatalogAxis<MaskingEntry> Maskings { get; } = new("masking", entry => entry.Name,
    [
        new("independent", "every token by itself with the same probability", p => new IndependentMasking(p)),
        new("counted", "a fixed share of the tokens of each text", p => new CountedMasking(p)),
        new("n-gram", "runs of one to three words (ALBERT)", p => new NGramMasking(p)),
        new("whole-word", "a fixed share of the tokens of each text, whole words only", p => new CountedMasking(p, WholeWords: true)),
    ]);

    private static MaskedLm MakeMaskedLm(LearnableContext context)
    {
        int mask = context.Tokenizer.Special.Mask
            ?? throw new ArgumentException("Masked language modelling needs a tokenizer with a mask token; this one has none.", nameof(context));
        double probability = context.Number("probability", 0.15, 0, 1);
        IMaskingStrategy strategy = Maskings.Get(context.Settings?.TextOrNull("masking") ?? "independent").Make(probability);
        var corruption = new TokenCorruption(mask, context.Tokenizer.VocabularySize)
        {
            MaskShare = context.Number("mask_share", 0.8, 0, 1),
            RandomShare = context.Number("random_share", 0.1, 0, 1),
        };
        return new MaskedLm(strategy, corruption) { StaticMasks = (int?)context.Settings?.WholeOrNull("static_masks") };
    }
}

/// <summary>A masking strategy in the catalog.</summary>
/// <param name="Name">Its name in recipes.</param>
/// <param name="Summary">What it chooses, in one line.</param>
/// <param name="Make">Makes one from the share of tokens to be chosen.</param>
public sealed record MaskingEntry(string Name, string Summary, Func<double, IMaskingStrategy> Make);
