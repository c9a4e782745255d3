using Attune.Tensors;
using Attune.Tensors.Autograd;

namespace Attune.Nn.Contracts;

/// <summary>One forward pass: the tape it is written on and, if somebody looks, the trace it leaves.</summary>
/// <param name="Tape">Where operations are run and recorded.</param>
/// <param name="Trace">Filled if not null.</param>
public sealed record Pass(Tape Tape, Trace? Trace = null)
{
    /// <summary>Run each block again in the backward pass instead of keeping its results (gradient checkpointing).</summary>
    public bool RecomputeBlocks { get; init; }

    /// <summary>
    /// What each head of each block's self-attention is multiplied with before the output projection, <c>[heads]</c> a block, or
    /// <c>[sequences, heads]</c> if each sequence has gates of its own; null is 1. Gradients flow through them: they say how much a head matters.
    /// </summary>
    public IReadOnlyList<Tensor>? HeadGates { get; init; }
}
