using Attune.Tensors.Autograd;

namespace Attune.Tensors.Ops;

/// <summary>
/// Where the gradients of queries, keys and values go. Heads may share a tensor, as in a packed projection: its gradient is then made
/// ready once for all of them.
/// </summary>
internal unsafe ref struct HeadGradients(in Heads q, in Heads k, in Heads v)
{
    private readonly Heads _q = q;
    private readonly Heads _k = k;
    private readonly Heads _v = v;
    private Prepared _first;
    private Prepared _second;
    private Prepared _third;

    /// <summary>The place of the first head's first column, or null if no gradient is wanted.</summary>
    public float* Take(in Heads heads, out bool accumulate)
    {
        accumulate = false;
        if (!heads.Source.RequiresGradient)
            return null;
        Gradient gradient = heads.Source.Gradient!;
        ref Prepared prepared = ref _first;
        if (prepared.Gradient is not null && prepared.Gradient != gradient)
            prepared = ref _second;
        if (prepared.Gradient is not null && prepared.Gradient != gradient)
            prepared = ref _third;
        if (prepared.Gradient is null)
        {
            prepared.Gradient = gradient;
            // If every column belongs to one head each, everything is written; otherwise there must be zeros to add to.
            prepared.Accumulate = true;
            prepared.Target = CoveredOnce(heads.Source) ? gradient.Target(out prepared.Accumulate) : gradient.ZeroedTarget();
        }
        accumulate = prepared.Accumulate;
        return prepared.Target + heads.Column;
    }

    private readonly bool CoveredOnce(Tensor source)
    {
        int columns = 0;
        ReadOnlySpan<Heads> all = [_q, _k, _v];
        for (int i = 0; i < all.Length; i++)
        {
            if (all[i].Source.Gradient != source.Gradient)
                continue;
            columns += all[i].Count * all[i].Width;
            for (int j = 0; j < i; j++)
            {
                if (all[j].Source.Gradient == source.Gradient && AttentionRules.Overlap(all[i], all[j]))
                    return false;
            }
        }
        return columns == source.Shape.Width;
    }

    private struct Prepared
    {
        public Gradient? Gradient;
        public float* Target;
        public bool Accumulate;
    }
}
