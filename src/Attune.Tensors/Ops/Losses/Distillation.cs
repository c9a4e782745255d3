using Attune.Tensors.Autograd;

namespace Attune.Tensors.Ops;

/// <summary>How much each part of a distillation loss counts; a part without a weight is not computed, one of weight 0 is only shown.</summary>
public sealed record DistillationWeights
{
    /// <summary>The temperature of both softmaxes.</summary>
    public float Temperature { get; init; } = 2;

    /// <summary>The divergence from the teacher's predictions.</summary>
    public float? Divergence { get; init; } = 5;

    /// <summary>The cross-entropy with the labels of masked tokens.</summary>
    public float? MaskedTokens { get; init; } = 2;

    /// <summary>The cross-entropy with the label of the next token.</summary>
    public float? NextTokens { get; init; }

    /// <summary>The squared distance of the logits, summed over classes.</summary>
    public float? SquaredError { get; init; }

    /// <summary>One minus the cosine between the last hidden states.</summary>
    public float? Cosine { get; init; } = 1;

    /// <summary>Whether divergence and squared error look at rows with a label only.</summary>
    public bool LabelledRowsOnly { get; init; }
}

/// <summary>A distillation loss and its parts, before their weights; a part that was not computed is null.</summary>
/// <param name="Total">The weighted sum.</param>
/// <param name="Divergence">See <see cref="DistillationWeights.Divergence"/>.</param>
/// <param name="MaskedTokens">See <see cref="DistillationWeights.MaskedTokens"/>.</param>
/// <param name="NextTokens">See <see cref="DistillationWeights.NextTokens"/>.</param>
/// <param name="SquaredError">See <see cref="DistillationWeights.SquaredError"/>.</param>
/// <param name="Cosine">See <see cref="DistillationWeights.Cosine"/>.</param>
public readonly record struct DistillationLoss(
    Tensor Total, Tensor? Divergence, Tensor? MaskedTokens, Tensor? NextTokens, Tensor? SquaredError, Tensor? Cosine);

/// <summary>What a student sees of its teacher.</summary>
/// <param name="Logits"><c>[rows, classes]</c>.</param>
/// <param name="Hidden">The last hidden states, <c>[rows, width]</c>.</param>
public readonly record struct DistillationView(Tensor Logits, Tensor Hidden);

/// <summary>Learning from another model.</summary>
public static class DistillationOperation
{
    private const int Ignored = -100;

    /// <summary>
    /// The objective of DistilBERT (Sanh et al. 2019, arXiv:1910.01108) over the tokens of a ragged batch: a weighted sum of the divergence from
    /// the teacher, cross-entropies with the labels, and distances of logits and hidden states.
    /// </summary>
    /// <param name="tape">The tape.</param>
    /// <param name="student">What is trained.</param>
    /// <param name="teacher">What it learns from; no gradient flows there.</param>
    /// <param name="labels">A class for every row, or -100.</param>
    /// <param name="segments">The sequences, for the next tokens.</param>
    /// <param name="weights">How much the parts count.</param>
    /// <exception cref="ArgumentException">The shapes do not fit, no part has a weight, or the teacher requires a gradient.</exception>
    public static DistillationLoss Distillation(
        this Tape tape, DistillationView student, DistillationView teacher, ReadOnlyMemory<int> labels, Segments segments, DistillationWeights weights)
    {
        const string name = nameof(Distillation);
        ShapeRules.Segmented(name, student.Logits.Shape, segments);
        ShapeRules.Same(name, "the student's logits", student.Logits.Shape, "the teacher's logits", teacher.Logits.Shape);
        ShapeRules.Same(name, "the student's hidden states", student.Hidden.Shape, "the teacher's hidden states", teacher.Hidden.Shape);
        ShapeRules.Constant(name, "the teacher's logits", teacher.Logits);
        ShapeRules.Constant(name, "the teacher's hidden states", teacher.Hidden);
        LabelRules.Check(name, labels.Span, segments.Rows, student.Logits.Shape.Width, Ignored, 0);

        Tensor seen = student.Logits, shown = teacher.Logits;
        if (weights.LabelledRowsOnly)
        {
            int[] rows = [.. Enumerable.Range(0, labels.Length).Where(row => labels.Span[row] != Ignored)];
            seen = tape.GatherRows(seen, rows);
            shown = tape.GatherRows(shown, rows);
        }

        Tensor? total = null;
        Tensor? divergence = Part(weights.Divergence, () => tape.KlDivergence(seen, shown, weights.Temperature));
        Tensor? masked = Part(weights.MaskedTokens, () => tape.CrossEntropy(student.Logits, labels, Ignored));
        Tensor? next = Part(weights.NextTokens, () => tape.CrossEntropy(student.Logits, NextLabels(labels.Span, segments), Ignored));
        Tensor? squared = Part(weights.SquaredError, () => tape.Scale(tape.MeanSquaredError(seen, shown), seen.Shape.Width));
        Tensor? cosine = Part(
            weights.Cosine, () => tape.AddScalar(tape.Negate(tape.Mean(tape.CosineSimilarity(student.Hidden, teacher.Hidden))), 1));
        return total is null
            ? throw new ArgumentException($"{name}: no part has a weight, so there is nothing to learn.", nameof(weights))
            : new DistillationLoss(total, divergence, masked, next, squared, cosine);

        Tensor? Part(float? weight, Func<Tensor> loss)
        {
            if (weight is not { } factor)
                return null;
            Tensor part = loss(), share = tape.Scale(part, factor);
            total = total is null ? share : tape.Add(total, share);
            return part;
        }
    }

    /// <summary>The label of the next row of the same sequence; the last row of each has none.</summary>
    private static int[] NextLabels(ReadOnlySpan<int> labels, Segments segments)
    {
        int[] next = new int[labels.Length];
        Array.Fill(next, Ignored);
        for (int s = 0; s < segments.Count; s++)
        {
            for (int row = segments.Start(s); row < segments.Start(s + 1) - 1; row++)
                next[row] = labels[row + 1];
        }
        return next;
    }
}
