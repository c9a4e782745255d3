using Attune.Nn.Contracts;
using Attune.Tensors;
using Attune.Tensors.Ops;

namespace Attune.Nn.Mixers;

/// <summary>What all attention mixers share: the fused operation, or the one that leaves its probabilities when somebody looks.</summary>
internal static class AttentionCore
{
    public static Tensor Run(
        Pass pass, List<IReadOnlyList<Tensor>>? seen, Heads q, Heads k, Heads v, Segments queries, Segments keys, AttentionOptions options)
    {
        if (seen is null)
            return pass.Tape.Attention(q, k, v, queries, keys, options);
        (Tensor mixed, IReadOnlyList<Tensor> probabilities) = pass.Tape.AttentionWithProbabilities(q, k, v, queries, keys, options);
        seen.Add(probabilities);
        return mixed;
    }
}
