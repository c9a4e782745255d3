using Attune.Tensors.Autograd;

namespace Attune.Tensors.Ops;

/// <summary>The cross-entropy of classes that do not count alike.</summary>
public static class WeightedCrossEntropyOperation
{
    /// <summary>
    /// -(1 - smoothing) w[label] log softmax(z)[label] - smoothing / classes sum(w log softmax(z)) over the rows whose label is not ignored; the mean
    /// divides by the sum of the labels' weights, as PyTorch does. For classes that occur unequally often.
    /// </summary>
    /// <param name="tape">The tape of the step.</param>
    /// <param name="logits">[rows, classes]; log softmax is stored, so this is for few classes rather than for vocabularies.</param>
    /// <param name="labels">One label a row.</param>
    /// <param name="weights">One weight a class, at least 0.</param>
    /// <param name="ignore">The label of rows that do not count.</param>
    /// <param name="smoothing">The share of the target spread evenly over all classes.</param>
    /// <param name="reduction">Mean or sum over rows (a scalar), or one loss a row ([rows]).</param>
    /// <exception cref="ArgumentException">There is not one label a row or one weight a class, or a weight is negative or no number.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A label is neither a class nor ignored, or smoothing is outside of 0..1.</exception>
    public static Tensor CrossEntropy(
        this Tape tape, Tensor logits, ReadOnlyMemory<int> labels, ReadOnlySpan<float> weights, int ignore = -100, float smoothing = 0,
        LossReduction reduction = LossReduction.Mean)
    {
        const string name = nameof(CrossEntropy);
        ShapeRules.Rank(name, nameof(logits), logits.Shape, 2);
        int rows = logits.Shape[0], classes = logits.Shape[1];
        if (weights.Length != classes)
            throw new ArgumentException($"{name}: {classes} classes need {classes} weights; {weights.Length} were given.", nameof(weights));
        foreach (float weight in weights)
        {
            if (!(weight >= 0 && float.IsFinite(weight)))
                throw new ArgumentException($"{name}: a class weight is {weight}; weights must be finite and at least 0.", nameof(weights));
        }
        LabelRules.Check(name, labels.Span, rows, classes, ignore, smoothing);

        float[] shares = new float[(long)rows * classes];
        double total = 0;
        for (int row = 0; row < rows; row++)
        {
            int label = labels.Span[row];
            if (label == ignore)
                continue;
            Span<float> own = shares.AsSpan(row * classes, classes);
            for (int c = 0; c < classes; c++)
                own[c] = -smoothing / classes * weights[c];
            own[label] -= (1 - smoothing) * weights[label];
            total += weights[label];
        }
        Tensor losses = tape.Multiply(tape.LogSoftmax(logits), Tensor.From([rows, classes], shares));
        return reduction switch
        {
            LossReduction.None => tape.Sum(losses, 1),
            LossReduction.Sum => tape.Sum(losses),
            _ => tape.Scale(tape.Sum(losses), total == 0 ? 0 : (float)(1 / total)),
        };
    }
}
