using Attune.Tensors;

namespace Attune.Nn.Contracts;

/// <summary>What a forward pass leaves for inspection. Attention probabilities are whole, so they cost length squared.</summary>
public sealed class Trace
{
    /// <summary>The input of the first block, then the output of each block: <c>[rows, width]</c>.</summary>
    public List<Tensor> HiddenStates { get; } = [];

    /// <summary>The output of the last block before the final norm; null if there is no such norm.</summary>
    public Tensor? BeforeFinalNorm { get; set; }

    /// <summary>Self-attention of each block.</summary>
    public List<AttentionMaps> Attentions { get; } = [];

    /// <summary>Attention to the encoder of each decoder block.</summary>
    public List<AttentionMaps> CrossAttentions { get; } = [];

    /// <summary>The output of each block for a second stream, where there is one (entities): <c>[rows, width of that stream]</c>.</summary>
    public List<Tensor> SecondStream { get; } = [];

    /// <summary>What routers of experts chose; null if there are none.</summary>
    public Blocks.ExpertRouting? Routing { get; set; }

    /// <summary>The encoder's part of an encoder-decoder's trace.</summary>
    public Trace? Encoder { get; init; }
}

/// <summary>The attention weights of one block for all sequences of a ragged batch.</summary>
/// <param name="Weights">For one sequence after the other <c>[heads, queries, keys]</c>; gradients flow through it.</param>
/// <param name="Heads">The number of heads.</param>
/// <param name="Queries">The sequences of the queries.</param>
/// <param name="Keys">The sequences of the keys.</param>
public sealed record AttentionMaps(Tensor Weights, int Heads, Segments Queries, Segments Keys)
{
    /// <summary>The weights of one sequence, <c>[heads, queries, keys]</c>, sharing memory.</summary>
    public Tensor Of(int sequence)
    {
        int start = 0;
        for (int s = 0; s < sequence; s++)
            start += Heads * Queries.Length(s) * Keys.Length(s);
        int queries = Queries.Length(sequence), keys = Keys.Length(sequence);
        return Weights.Reshape([checked((int)Weights.Count)]).DetachedRows(start, Heads * queries * keys).Reshape([Heads, queries, keys]);
    }
}
