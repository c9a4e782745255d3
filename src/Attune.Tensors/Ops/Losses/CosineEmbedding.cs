using Attune.Tensors.Autograd;

namespace Attune.Tensors.Ops;

/// <summary>The angle between rows, and the loss on it.</summary>
public static class CosineOperations
{
    /// <summary>The cosine between corresponding rows: two <c>[rows, width]</c> to <c>[rows]</c>.</summary>
    /// <exception cref="ArgumentException">The shapes differ or are no matrices.</exception>
    public static Tensor CosineSimilarity(this Tape tape, Tensor a, Tensor b)
    {
        ShapeRules.Rank(nameof(CosineSimilarity), nameof(a), a.Shape, 2);
        ShapeRules.Same(nameof(CosineSimilarity), nameof(a), a.Shape, nameof(b), b.Shape);
        return tape.Sum(tape.Multiply(tape.Normalize(a, 1e-6f), tape.Normalize(b, 1e-6f)), 1);
    }

    /// <summary>
    /// The mean over rows of <c>1 - cos(a, b)</c> where the target is 1, of <c>max(0, cos(a, b) - margin)</c> where it is -1.
    /// Gradients flow to both tensors.
    /// </summary>
    /// <param name="tape">The tape.</param>
    /// <param name="a"><c>[rows, width]</c>.</param>
    /// <param name="b">The same shape.</param>
    /// <param name="targets">1 for rows that should point the same way, -1 for rows that should not; one number a row.</param>
    /// <param name="margin">The cosine up to which unlike rows cost nothing.</param>
    /// <exception cref="ArgumentException">The shapes differ, or a target is neither 1 nor -1.</exception>
    public static Tensor CosineEmbedding(this Tape tape, Tensor a, Tensor b, ReadOnlySpan<int> targets, float margin = 0)
    {
        Tensor cosines = tape.CosineSimilarity(a, b);
        if (targets.Length != a.Shape[0])
            throw new ArgumentException($"CosineEmbedding: {targets.Length} targets were given for {a.Shape[0]} rows.", nameof(targets));
        // Each row's loss is a line in its cosine, so slopes and offsets say it all.
        Tensor slopes = tape.Allocate(cosines.Shape, false), offsets = tape.Allocate(cosines.Shape, false);
        for (int row = 0; row < targets.Length; row++)
        {
            if (targets[row] is not (1 or -1))
                throw new ArgumentException($"CosineEmbedding: target {row} is {targets[row]}; it must be 1 or -1.", nameof(targets));
            if (!tape.Computes())
                continue;
            bool alike = targets[row] == 1, beyond = cosines.Span[row] > margin;
            slopes.Span[row] = alike ? -1 : beyond ? 1 : 0;
            offsets.Span[row] = alike ? 1 : beyond ? -margin : 0;
        }
        return tape.Mean(tape.Add(tape.Multiply(cosines, slopes), offsets));
    }
}
