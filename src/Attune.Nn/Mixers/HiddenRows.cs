using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Nn.Mixers;

/// <summary>How mixers without scores hide rows: what nobody may see counts as zeros, like what lies outside of the sequence.</summary>
internal static class HiddenRows
{
    /// <summary>Rows <c>[rows, width]</c> of which those that may not be seen are zeros.</summary>
    /// <param name="tape">The tape.</param>
    /// <param name="x">The rows.</param>
    /// <param name="visible">Which may be seen; empty is all.</param>
    public static Tensor Hide(Tape tape, Tensor x, ReadOnlyMemory<bool> visible)
    {
        if (visible.IsEmpty)
            return x;
        float[] kept = new float[visible.Length];
        for (int row = 0; row < kept.Length; row++)
            kept[row] = visible.Span[row] ? 1 : 0;
        return tape.Multiply(x, Tensor.From([kept.Length, 1], kept));
    }
}
