using Attune.Nn.Contracts;
using Attune.Objectives;
using Attune.Objectives.Entities;
using Attune.Objectives.Masking;
using Attune.Objectives.Permutation;
using Attune.Objectives.SequenceToSequence;
using Attune.Recipes;

namespace Attune;

public static partial class Catalog
{
    /// <summary>The pre-training objectives.</summary>
    public static CatalogAxis<LearnableEntry<IObjective>> Objectives { get; } = new("objective", entry => entry.Name,
    [
        new("masked-lm", "predict hidden tokens from both sides (BERT)", Words, MakeMaskedLm),
        new("span-boundary", "predict hidden spans, and their tokens from the boundaries as well (SpanBERT)",
            new SpanBoundary(Words), MakeSpanBoundary),
        new("masked-lm-with-pairs", "predict hidden tokens, and whether two sentences belong together (BERT) or are in order (ALBERT)",
            new SentencePairPretraining(Words), context => new SentencePairPretraining(MakeMaskedLm(context))),
        new("dialogue-lm", "predict hidden tokens of dialogues, and whether a turn is from another one (ERNIE)",
            new DialogueLm(Words), context => new DialogueLm(MakeMaskedLm(context), context.Number("fake_share", 0.5, 0, 1))),
        new("entity-alignment", "predict hidden tokens, and which entities are meant (ERNIE of Tsinghua)",
            new EntityAlignment(Words, new EntityLexicon([.. Enumerable.Range(0, 100).Select(token => (int[])[token])])), MakeEntityAlignment),
        new("causal-lm", "predict the next token (GPT)", new CausalLm(), MakeCausalLm),
        new("prefix-lm", "predict the next token after a prefix whose tokens all see each other (UniLM, T5)", new PrefixLm(), _ => new PrefixLm()),
        new("permutation-lm", "predict tokens in a random order from their places (XLNet)", new PermutationLm(new PermutationLmOptions()), MakePermutationLm),
        new("replaced-token-detection", "find the tokens that a small generator made up (ELECTRA)",
            new ReplacedTokenDetection(new ReplacedTokenOptions(0)), MakeReplacedTokenDetection),
        new("span-corruption", "write what sentinels stand for (T5)", new SpanCorruption(new SpanCorruptionOptions(3, 1)), MakeSpanCorruption),
        new("denoising", "restore a text whose sentences were permuted and whose words were masked (BART)",
            new Denoising([new TextInfilling(0)]), MakeDenoising),
    ]);

    /// <summary>The ways of choosing the tokens that a masked language model predicts.</summary>
    public static CatalogAxis<MaskingEntry> Maskings { get; } = new("masking", entry => entry.Name,
    [
        new("independent", "every token by itself with the same probability", p => new IndependentMasking(p)),
        new("units", "whole words, phrases or names, each by itself with the same probability (ERNIE)", p => new IndependentMasking(p, WholeUnits: true)),
        new("counted", "a fixed share of the tokens of each text", p => new CountedMasking(p)),
        new("n-gram", "runs of one to three words (ALBERT)", p => new NGramMasking(p)),
        new("span", "spans of words of geometric length (SpanBERT)", p => new SpanMasking(p)),
        new("whole-word", "a fixed share of the tokens of each text, whole words only", p => new CountedMasking(p, WholeWords: true)),
    ]);

    // For samples: every token may be a mask and is its own vocabulary.
    private static MaskedLm Words => new(new IndependentMasking(), new TokenCorruption(0, 1));

    private static EntityAlignment MakeEntityAlignment(LearnableContext context) => new(
        MakeMaskedLm(context),
        RecipeEntities.Read(
            context.Settings?.PathOf("entities") ?? throw new ArgumentException("The objective entity-alignment needs 'entities' in a recipe: a file of entities.", nameof(context)),
            context.Tokenizer))
    {
        ReplacedShare = context.Number("replaced", 0.05, 0, 1),
        RemovedShare = context.Number("removed", 0.15, 0, 1),
    };

    private static SpanBoundary MakeSpanBoundary(LearnableContext context) =>
        new(MakeMaskedLm(context, "span"), context.Number("boundary_weight", 1, 0, 100), context.Flag("outside", true));

    private static MaskedLm MakeMaskedLm(LearnableContext context) => MakeMaskedLm(context, "independent");

    private static MaskedLm MakeMaskedLm(LearnableContext context, string masking)
    {
        int mask = context.Tokenizer.Special.Mask
            ?? throw new ArgumentException("Masked language modelling needs a tokenizer with a mask token; this one has none.", nameof(context));
        double probability = context.Number("probability", 0.15, 0, 1);
        IMaskingStrategy strategy = Maskings.Get(context.Settings?.TextOrNull("masking") ?? masking).Make(probability);
        var corruption = new TokenCorruption(mask, context.Tokenizer.VocabularySize)
        {
            MaskShare = context.Number("mask_share", 0.8, 0, 1),
            RandomShare = context.Number("random_share", 0.1, 0, 1),
        };
        return new MaskedLm(strategy, corruption) { StaticMasks = (int?)context.Settings?.WholeOrNull("static_masks") };
    }

    internal static CausalLm MakeCausalLm(LearnableContext context) =>
        new() { SegmentLength = context.Settings?.Has("segment_length") == true ? context.Count("segment_length", 1) : null };

    private static PermutationLm MakePermutationLm(LearnableContext context) => new(new PermutationLmOptions
    {
        Share = context.Count("share", 6),
        Prediction = new PartialPrediction(context.Count("context", 6), context.Count("max_pieces", 5)),
        StretchLength = context.Settings?.Has("stretch") == true ? context.Count("stretch", 1) : null,
        FirstPart = context.Settings?.Has("first_part") == true ? context.Count("first_part", 1) : null,
    });

    private static ReplacedTokenDetection MakeReplacedTokenDetection(LearnableContext context) =>
        new(new ReplacedTokenOptions(Special(context.Tokenizer.Special.Mask, "a mask", "replaced token detection"))
        {
            Variant = Variant(context.Settings?.TextOrNull("variant")),
            Probability = context.Number("probability", 0.15, 0, 1),
            MaskShare = context.Number("mask_share", 0.85, 0, 1),
            DetectionWeight = context.Number("detection_weight", 50, 0, 1e6),
        });

    private static ReplacedTokenVariant Variant(string? name) => name switch
    {
        null or "joint" => ReplacedTokenVariant.Joint,
        "adversarial" => ReplacedTokenVariant.Adversarial,
        "generator" => ReplacedTokenVariant.Generator,
        "discriminator" => ReplacedTokenVariant.Discriminator,
        _ => throw new ArgumentException($"The variant '{name}' of replaced-token-detection is not known; choose joint, adversarial, generator or discriminator.", nameof(name)),
    };

    private static SpanCorruption MakeSpanCorruption(LearnableContext context) => new(new SpanCorruptionOptions(
        context.Tokenizer.VocabularySize - 1, Special(context.Tokenizer.Special.Eos, "an end", "span corruption"))
    {
        Density = context.Number("density", 0.15, 0, 1),
        MeanLength = context.Number("mean_length", 3, 1, 100),
    });

    private static Denoising MakeDenoising(LearnableContext context)
    {
        int mask = Special(context.Tokenizer.Special.Mask, "a mask", "denoising");
        List<INoise> noise = [];
        if (context.Tokenizer.TokenToId(".") is { } stop && context.Flag("permute_sentences", true))
            noise.Add(new SentencePermutation(stop));
        noise.Add(new TextInfilling(mask, context.Number("share", 0.3, 0, 1), context.Number("mean_length", 3.5, 0, 20)));
        return new Denoising(noise);
    }

    private static int Special(int? id, string kind, string objective) => id
        ?? throw new ArgumentException($"The objective {objective} needs a tokenizer with {kind} token; this one has none.");
}

/// <summary>A masking strategy in the catalog.</summary>
/// <param name="Name">Its name in recipes.</param>
/// <param name="Summary">What it chooses, in one line.</param>
/// <param name="Make">Makes one from the share of tokens to be chosen.</param>
public sealed record MaskingEntry(string Name, string Summary, Func<double, IMaskingStrategy> Make);
