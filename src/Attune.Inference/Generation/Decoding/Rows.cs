using Attune.Tensors;

namespace Attune.Inference.Generation.Decoding;

/// <summary>Rows that outlive a pass.</summary>
internal static class Rows
{
    /// <summary>A copy of some rows, in the order in which they are named.</summary>
    public static Tensor Chosen(Tensor from, IReadOnlyList<int> rows)
    {
        int width = from.Shape.Width;
        Tensor chosen = Tensor.Zeros([rows.Count, width]);
        Span<float> source = from.Span, target = chosen.Span;
        for (int i = 0; i < rows.Count; i++)
            source.Slice(rows[i] * width, width).CopyTo(target[(i * width)..]);
        GC.KeepAlive(from);
        return chosen;
    }
}
