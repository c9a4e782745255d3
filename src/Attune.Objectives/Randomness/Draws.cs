using Attune.Tensors.Random;

namespace Attune.Objectives.Randomness;

/// <summary>
/// The random choices of one example, drawn one after another from a stream of its own, so that they do not depend on the
/// batch it is in.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
public sealed class Draws(RandomStream stream)
{
    private RandomStream _stream = stream;
    private long _next;

    /// <summary>Goes over to another stream, from its beginning.</summary>
    public void Restart(RandomStream stream) => (_stream, _next) = (stream, 0);

    /// <summary>A number in [0, 1).</summary>
    public double Uniform() => _stream.UniformDouble(_next++);

    /// <summary>A whole number in [0, <paramref name="limit"/>).</summary>
    public int Below(int limit) => _stream.Below(_next++, limit);

    /// <summary>An index drawn with the given probabilities, which add up to 1.</summary>
    public int Weighted(ReadOnlySpan<double> probabilities)
    {
        double left = Uniform();
        for (int i = 0; i < probabilities.Length - 1; i++)
        {
            left -= probabilities[i];
            if (left < 0)
                return i;
        }
        return probabilities.Length - 1;
    }

    /// <summary>Puts items into a random order (Fisher and Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int j = Below(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }
}
