using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Tensors;

namespace Attune.Nn.Blocks.Sets;

/// <summary>Every element of a set reads all of them.</summary>
public sealed class SetSelfAttention : Module, ISetBlock
{
    private readonly SetAttention _attention;

    /// <summary>Declares the block.</summary>
    public SetSelfAttention(int inputs, int width, int heads, bool layerNorm) =>
        _attention = Own("attention", new SetAttention(new SetShape(inputs, inputs, width, heads, layerNorm)));

    /// <inheritdoc/>
    public (Tensor Rows, Segments Sets) Forward(Pass pass, Tensor rows, Segments sets) =>
        (_attention.Forward(pass.Tape, rows, sets, rows, sets), sets);
}
