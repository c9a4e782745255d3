namespace Attune.Tasks;

/// <summary>A model's choice among classes.</summary>
/// <param name="Class">The most probable class.</param>
/// <param name="Probabilities">The probability of each class.</param>
public sealed record ClassAnswer(int Class, IReadOnlyList<float> Probabilities)
{
    /// <summary>The probability of <see cref="Class"/>.</summary>
    public float Probability => Probabilities[Class];

    /// <summary>Turns scores into an answer.</summary>
    internal static ClassAnswer Of(ReadOnlySpan<float> logits)
    {
        int best = Best(logits);
        float[] probabilities = new float[logits.Length];
        double sum = 0;
        for (int c = 0; c < logits.Length; c++)
            sum += Math.Exp(logits[c] - logits[best]);
        for (int c = 0; c < logits.Length; c++)
            probabilities[c] = (float)(Math.Exp(logits[c] - logits[best]) / sum);
        return new ClassAnswer(best, probabilities);
    }

    /// <summary>The index of the highest score, the first of equal ones.</summary>
    internal static int Best(ReadOnlySpan<float> logits)
    {
        int best = 0;
        for (int c = 1; c < logits.Length; c++)
        {
            if (logits[c] > logits[best])
                best = c;
        }
        return best;
    }
}
