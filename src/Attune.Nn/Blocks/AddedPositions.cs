using Attune.Nn.Contracts;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Nn.Blocks;

/// <summary>
/// Sines and cosines that are added to embeddings where a family's own positions went with its mixers, and those in their place know nothing of
/// order.
/// </summary>
/// <param name="width">The width of the rows.</param>
/// <param name="amplitude">How large they are: as large as what token embeddings start from, so that neither drowns the other.</param>
public sealed class AddedPositions(int width, float amplitude)
{
    private Tensor _table = Tensor.WithoutMemory([0, width]);

    /// <summary>Adds each row its place in its sequence.</summary>
    /// <param name="tape">The tape.</param>
    /// <param name="x">The rows, <c>[rows, width]</c>.</param>
    /// <param name="batch">Their sequences; rows that were decoded before count.</param>
    public Tensor Add(Tape tape, Tensor x, TokenBatch batch)
    {
        ReadOnlyMemory<int> places = batch.Positions ?? Places(batch);
        int rows = 0;
        foreach (int place in places.Span)
            rows = Math.Max(rows, place + 1);
        Tensor table = _table;
        if (table.Shape[0] < rows)
            _table = table = SinusoidalPositions.Table(Math.Max(rows, 2 * table.Shape[0]), width);
        return tape.Add(x, tape.Scale(tape.Embedding(table, places), amplitude));
    }

    private static int[] Places(TokenBatch batch)
    {
        int[] places = new int[batch.Rows];
        for (int s = 0; s < batch.Segments.Count; s++)
        {
            int before = batch.State?.Length(s) ?? 0;
            for (int i = 0; i < batch.Segments.Length(s); i++)
                places[batch.Segments.Start(s) + i] = before + i;
        }
        return places;
    }
}
