namespace Attune.Parity.Comparison;

/// <summary>How far numbers are from their references.</summary>
/// <param name="Largest">The largest difference.</param>
/// <param name="At">The element that has it.</param>
/// <param name="Scale">The largest finite magnitude among the references.</param>
/// <param name="Misfit">The first element that is infinite or not a number where the reference is not, or the other way round.</param>
internal readonly record struct Deviation(double Largest, int At, double Scale, int? Misfit)
{
    /// <summary>Compares two arrays of the same length.</summary>
    /// <param name="reference">What is expected.</param>
    /// <param name="actual">What was computed.</param>
    /// <param name="compared">Which elements count; empty is all.</param>
    public static Deviation Of(ReadOnlySpan<float> reference, ReadOnlySpan<float> actual, ReadOnlySpan<bool> compared)
    {
        double largest = 0, scale = 0;
        int at = 0;
        for (int i = 0; i < reference.Length; i++)
        {
            if (!compared.IsEmpty && !compared[i])
                continue;
            float expected = reference[i], found = actual[i];
            if (!float.IsFinite(expected) || !float.IsFinite(found))
            {
                if (!expected.Equals(found))
                    return new Deviation(double.PositiveInfinity, i, scale, i);
                continue;
            }
            double difference = Math.Abs((double)expected - found);
            if (difference > largest)
                (largest, at) = (difference, i);
            scale = Math.Max(scale, Math.Abs((double)expected));
        }
        return new Deviation(largest, at, scale, null);
    }
}
