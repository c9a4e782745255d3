using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Nn.Blocks;

/// <summary>
/// T5's relative positions (Raffel et al. 2020, arXiv:1910.10683): distances fall into buckets, exact when short and logarithmic
/// up to a largest distance; each head has a learned number for each bucket.
/// </summary>
public sealed class RelativePositionBias : Module, IScoreBias
{
    private readonly Parameter _table;
    private readonly int _buckets;
    private readonly int _maxDistance;
    private readonly bool _bidirectional;

    /// <summary>Declares the table.</summary>
    /// <param name="heads">The number of heads.</param>
    /// <param name="buckets">The number of buckets.</param>
    /// <param name="maxDistance">The distance from which all share the last bucket.</param>
    /// <param name="bidirectional">Whether keys behind and ahead have buckets of their own (encoder) or keys ahead share one (decoder).</param>
    /// <param name="initializer">What the table starts from.</param>
    public RelativePositionBias(int heads, int buckets, int maxDistance, bool bidirectional, Initializer initializer)
    {
        _buckets = buckets;
        _maxDistance = maxDistance;
        _bidirectional = bidirectional;
        _table = Own("table", [buckets, heads], initializer, ParameterRole.Position);
    }

    /// <inheritdoc/>
    public Tensor Bias(Tape tape, int queries, int keys, int firstQuery = 0)
    {
        int[] buckets = new int[queries * keys];
        for (int q = 0; q < queries; q++)
        {
            for (int k = 0; k < keys; k++)
                buckets[q * keys + k] = Bucket(k - (q + firstQuery));
        }
        Tensor perPair = tape.Embedding(_table.Value, buckets);
        return tape.Transpose(perPair, 0, 1).Reshape([_table.Shape[1], queries, keys]);
    }

    /// <summary>The bucket of a key that is <paramref name="distance"/> positions ahead of the query.</summary>
    internal int Bucket(int distance)
    {
        int buckets = _buckets;
        int first = 0;
        if (_bidirectional)
        {
            buckets /= 2;
            first = distance > 0 ? buckets : 0;
            distance = Math.Abs(distance);
        }
        else
        {
            distance = Math.Max(0, -distance);
        }
        int exact = buckets / 2;
        if (distance < exact)
            return first + distance;
        // The reference computes this in float32; so does this, or distances on a bucket's edge would differ.
        float logarithm = MathF.Log((float)distance / exact) / (float)Math.Log((double)_maxDistance / exact) * (buckets - exact);
        return first + Math.Min(buckets - 1, exact + (int)logarithm);
    }
}
