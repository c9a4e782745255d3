using Attune.Tensors;

namespace Attune.Nn.Contracts;

/// <summary>What a forward pass leaves for inspection. Attention probabilities are whole, so they cost length squared.</summary>
public sealed class Trace
{
    /// <summary>The input of the first block, then the output of each block: <c>[rows, width]</c>.</summary>
    public List<Tensor> HiddenStates { get; } = [];

    /// <summary>Self-attention of each block: one <c>[heads, queries, keys]</c> per sequence.</summary>
    public List<IReadOnlyList<Tensor>> Attentions { get; } = [];

    /// <summary>Attention to the encoder of each decoder block: one <c>[heads, queries, keys]</c> per sequence.</summary>
    public List<IReadOnlyList<Tensor>> CrossAttentions { get; } = [];

    /// <summary>The encoder's part of an encoder-decoder's trace.</summary>
    public Trace? Encoder { get; init; }
}
