using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Nn.Blocks.Sets;

/// <summary>Learned rows that stand beside every set of a batch.</summary>
internal static class LearnedSet
{
    /// <summary>What they start from: Glorot's law for the shape [1, rows, width], as the reference reads it.</summary>
    public static Initializer Initializer(int rows, int width) => Parameters.Initializer.Glorot(checked(rows * width), width);

    /// <summary>The rows of <c>[1, rows, width]</c> once for each set.</summary>
    public static (Tensor Rows, Segments Sets) Repeated(Tape tape, Parameter learned, int sets)
    {
        int rows = learned.Shape[1];
        int[] order = new int[sets * rows];
        for (int i = 0; i < order.Length; i++)
            order[i] = i % rows;
        return (tape.GatherRows(learned.Value.Reshape([rows, learned.Shape[2]]), order), Segments.Equal(sets, rows));
    }
}
