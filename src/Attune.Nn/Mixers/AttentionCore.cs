using Attune.Nn.Contracts;
using Attune.Tensors;
using Attune.Tensors.Ops;

namespace Attune.Nn.Mixers;

/// <summary>What all attention mixers share: the fused operation, or the one that leaves its probabilities when somebody looks.</summary>
internal static class AttentionCore
{
    public static Tensor Run(
        Pass pass, List<AttentionMaps>? seen, Heads q, Heads k, Heads v, Segments queries, Segments keys, AttentionOptions options)
    {
        if (seen is null)
            return pass.Tape.Attention(q, k, v, queries, keys, options);
        (Tensor mixed, Tensor weights) = pass.Tape.AttentionWithProbabilities(q, k, v, queries, keys, options);
        seen.Add(new AttentionMaps(weights, q.Count, queries, keys));
        return mixed;
    }
}
