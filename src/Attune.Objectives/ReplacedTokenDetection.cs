using System.Runtime.InteropServices;
using Attune.Nn.Contracts;
using Attune.Objectives.Randomness;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;
using Attune.Tensors.Random;

namespace Attune.Objectives;

/// <summary>
/// Replaced token detection (Clark et al. 2020, arXiv:2003.10555): a generator fills masked places, and the model tells at every token whether it is
/// the original. The generator is a head of the model, a small one that may share its tables; no gradient passes from the one to the other, but in
/// the adversarial variant the generator learns from the other's losses.
/// </summary>
/// <param name="options">How tokens are hidden, and what the losses weigh.</param>
/// <remarks>Collates on one thread at a time.</remarks>
public sealed class ReplacedTokenDetection(ReplacedTokenOptions options) : IObjective
{
    private readonly Draws _draws = new(default);

    /// <inheritdoc/>
    public string Name => "replaced-token-detection";

    /// <inheritdoc/>
    public Capabilities Requires => Capabilities.Bidirectional | Capabilities.Tokens;

    /// <inheritdoc/>
    public IReadOnlyList<HeadRequest> Heads { get; } = options.Variant == ReplacedTokenVariant.Adversarial
        ? [new(HeadKind.ReplacedToken), new(HeadKind.Generator), new(HeadKind.GeneratorBaseline)]
        : [new(HeadKind.ReplacedToken), new(HeadKind.Generator)];

    /// <inheritdoc/>
    public IReadOnlyList<Setting> Settings =>
    [
        Setting.Of("variant", options.Variant),
        Setting.Of("probability", options.Probability),
        Setting.Of("max_predictions", options.MaxPredictions),
        Setting.Of("mask_share", options.MaskShare),
        Setting.Of("detection_weight", options.DetectionWeight),
    ];

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">An example has nothing but special tokens.</exception>
    public Batch Collate(IReadOnlyList<Example> examples, RandomStream random, int firstIndex = 0)
    {
        var arrays = new BatchArrays();
        TokenBatch original = TokenBatch.Of(examples, arrays);
        Memory<int> masked = arrays.Ints(original.Rows);
        original.Ids.CopyTo(masked);
        List<int> rows = [];
        for (int s = 0; s < examples.Count; s++)
        {
            _draws.Restart(random.Stream((uint)(firstIndex + s)));
            int[] candidates = [.. Enumerable.Range(0, examples[s].Ids.Length).Where(i => examples[s].Special.IsEmpty || !examples[s].Special.Span[i])];
            if (candidates.Length == 0)
                throw new ArgumentException($"Example {s} of the batch has nothing but special tokens; there is nothing to replace.", nameof(examples));
            int start = original.Segments.Start(s), count = options.Count(examples[s].Ids.Length);
            int[] positions = [.. Enumerable.Range(0, count).Select(_ => candidates[_draws.Below(candidates.Length)])];
            bool[] hidden = [.. positions.Select(_ => _draws.Uniform() < options.MaskShare)];
            Replace(masked.Span.Slice(start, examples[s].Ids.Length), positions, hidden, options.MaskId);
            rows.AddRange(positions.Select(position => start + position));
        }
        return new ReplacedTokenBatch
        {
            Original = original,
            Masked = original with { Ids = masked },
            Rows = rows.ToArray(),
            Arrays = arrays,
            Examples = examples.Count,
            Tokens = original.Rows,
            Weight = original.Rows,
        };
    }

    /// <inheritdoc/>
    public Tensor Loss(Pass pass, Model model, Batch batch)
    {
        var tokens = (ReplacedTokenBatch)batch;
        Tape tape = pass.Tape;
        ReadOnlyMemory<int> original = tokens.Original.Ids;
        bool adversarial = options.Variant == ReplacedTokenVariant.Adversarial;
        // A reward belongs to one draw, so a place is drawn for once.
        int[] rows = adversarial ? [.. tokens.Rows.Distinct()] : tokens.Rows;
        IGeneratorHead generator = model.Head<IGeneratorHead>(HeadKind.Generator);
        BackboneOutput written = generator.Forward(pass, tokens.Masked);
        Tensor places = tape.GatherRows(written.Hidden, rows), logits = generator.Logits(pass, written with { Hidden = places });
        int[] truth = [.. rows.Select(row => original.Span[row])];
        if (options.Variant == ReplacedTokenVariant.Generator)
            return written.WithAuxiliaryLoss(pass, tape.CrossEntropy(logits, truth));

        int[] samples = tape.Measuring ? truth : Sample(logits, tape.NextStream(), tape.RowOffset, rows);
        int[] ids = original.ToArray();
        PutSamples(ids, rows, samples);
        float[] replaced = [.. ids.Select((id, row) => id == original.Span[row] ? 0f : 1f)];
        BackboneOutput read = model.Forward(pass, tokens.Original with { Ids = ids });
        Tensor found = model.Head<ITokenHead>(HeadKind.ReplacedToken).Logits(pass, read);
        Tensor detection = tape.Scale(tape.BinaryCrossEntropyWithLogits(found, Tensor.From(found.Shape, replaced)), (float)options.DetectionWeight);
        // Without a loss of its own no gradient reaches the generator.
        Tensor loss = options.Variant switch
        {
            ReplacedTokenVariant.Discriminator => detection,
            ReplacedTokenVariant.Adversarial => tape.Add(Adversarial(pass, model, places, logits, samples, Rewards(tape, found, replaced, rows)), detection),
            _ => tape.Add(written.WithAuxiliaryLoss(pass, tape.CrossEntropy(logits, truth)), detection),
        };
        return read.WithAuxiliaryLoss(pass, loss);
    }

    // What the generator's tokens have brought it: the model's loss at each.
    private static float[] Rewards(Tape tape, Tensor found, float[] replaced, int[] rows)
    {
        float[] rewards = new float[rows.Length];
        for (int i = 0; i < rows.Length && !tape.Measuring; i++)
            rewards[i] = Loss(replaced[rows[i]] > 0 ? found.Span[rows[i]] : -found.Span[rows[i]]);
        return rewards;
    }

    // The baseline is the loss of a judge whose probability of being right is foretold; it learns that probability.
    private static Tensor Adversarial(Pass pass, Model model, Tensor places, Tensor logits, int[] samples, float[] rewards)
    {
        Tape tape = pass.Tape;
        Tensor foretold = model.Head<IBaselineHead>(HeadKind.GeneratorBaseline).Logits(pass, places);
        float[] baselines = new float[rewards.Length];
        for (int i = 0; i < baselines.Length && !tape.Measuring; i++)
            baselines[i] = Loss(foretold.Span[i]);
        Tensor right = Tensor.From(foretold.Shape, [.. rewards.Select(reward => MathF.Exp(-reward))]);
        return tape.Add(PolicyGradient.Loss(tape, logits, samples, rewards, baselines), tape.BinaryCrossEntropyWithLogits(foretold, right));
    }

    // -log(sigmoid(x)), without overflow.
    private static float Loss(float logit) => MathF.Max(-logit, 0) + MathF.Log(1 + MathF.Exp(-MathF.Abs(logit)));

    /// <summary>Puts the mask token at those of some positions that are to be hidden.</summary>
    internal static void Replace(Span<int> ids, ReadOnlySpan<int> positions, ReadOnlySpan<bool> hidden, int maskId)
    {
        for (int i = 0; i < positions.Length; i++)
        {
            if (hidden[i])
                ids[positions[i]] = maskId;
        }
    }

    /// <summary>
    /// The token that has the largest sum of its score and noise, which makes it a sample of the scores' softmax (Gumbel 1954).
    /// </summary>
    /// <param name="logits">A score for each token.</param>
    /// <param name="uniform">Random numbers in [0, 1), one for each token.</param>
    internal static int SampleOf(ReadOnlySpan<float> logits, ReadOnlySpan<float> uniform)
    {
        const float Least = 1e-9f;
        int best = 0;
        float highest = float.NegativeInfinity;
        for (int token = 0; token < logits.Length; token++)
        {
            float score = logits[token] - MathF.Log(-MathF.Log(uniform[token] + Least) + Least);
            if (score > highest)
                (best, highest) = (token, score);
        }
        return best;
    }

    /// <summary>Puts samples at their positions. Where several were drawn for one, their numbers' average stands, as published.</summary>
    internal static void PutSamples(Span<int> ids, ReadOnlySpan<int> positions, ReadOnlySpan<int> samples)
    {
        Dictionary<int, (long Sum, int Count)> sums = [];
        for (int i = 0; i < positions.Length; i++)
        {
            ref (long Sum, int Count) sum = ref CollectionsMarshal.GetValueRefOrAddDefault(sums, positions[i], out _);
            sum = (sum.Sum + samples[i], sum.Count + 1);
        }
        foreach ((int position, (long sum, int count)) in sums)
            ids[position] = (int)(sum / count);
    }

    private static int[] Sample(Tensor logits, RandomStream random, long firstRow, int[] rows)
    {
        int vocabulary = logits.Shape.Width;
        float[] noise = new float[vocabulary];
        int[] samples = new int[logits.Shape[0]];
        Dictionary<int, uint> drawn = [];
        for (int i = 0; i < samples.Length; i++)
        {
            // By the row's number in the whole step, so that it does not matter how a batch is split.
            uint before = CollectionsMarshal.GetValueRefOrAddDefault(drawn, rows[i], out _)++;
            RandomStream own = random.Stream((uint)(firstRow + rows[i])).Stream(before);
            for (int token = 0; token < vocabulary; token++)
                noise[token] = own.Uniform(token);
            samples[i] = SampleOf(logits.Span.Slice(i * vocabulary, vocabulary), noise);
        }
        return samples;
    }

    private sealed record ReplacedTokenBatch : Batch
    {
        public required TokenBatch Original { get; init; }

        public required TokenBatch Masked { get; init; }

        /// <summary>The rows that the generator predicts; one may come twice.</summary>
        public required int[] Rows { get; init; }
    }
}
