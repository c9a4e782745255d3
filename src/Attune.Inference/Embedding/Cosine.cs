namespace Attune.Inference;

/// <summary>How alike two vectors are.</summary>
public static class Cosine
{
    /// <summary>The cosine of the angle between two vectors, -1 to 1; 0 if one of them is zero.</summary>
    /// <exception cref="ArgumentException">The vectors differ in width.</exception>
    public static float Similarity(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        if (a.Length != b.Length)
            throw new ArgumentException($"The vectors have {a.Length} and {b.Length} numbers; only vectors of one model can be compared.", nameof(b));
        double product = 0, squaresOfA = 0, squaresOfB = 0;
        for (int i = 0; i < a.Length; i++)
        {
            product += (double)a[i] * b[i];
            squaresOfA += (double)a[i] * a[i];
            squaresOfB += (double)b[i] * b[i];
        }
        return squaresOfA == 0 || squaresOfB == 0 ? 0 : (float)(product / Math.Sqrt(squaresOfA * squaresOfB));
    }
}
