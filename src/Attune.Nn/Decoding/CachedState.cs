using Attune.Tensors;

namespace Attune.Nn.Decoding;

/// <summary>What a recurrence in one block has come to, a row for each sequence: the state after the rows so far.</summary>
internal sealed class CachedState
{
    private Tensor? _hidden;
    private Tensor? _cell;

    public long ReservedBytes => ((_hidden?.Count ?? 0) + (_cell?.Count ?? 0)) * sizeof(float);

    /// <summary>The states; null before the first.</summary>
    public (Tensor Hidden, Tensor Cell)? Latest => _hidden is null ? null : (_hidden, _cell!);

    /// <summary>Keeps new states in place of the earlier ones.</summary>
    public void Keep(Tensor hidden, Tensor cell)
    {
        (_hidden, _cell) = (Like(_hidden, hidden), Like(_cell, cell));
        hidden.CopyTo(_hidden);
        cell.CopyTo(_cell);
    }

    /// <summary>Goes on with other sequences.</summary>
    public void Select(ReadOnlySpan<int> sequences)
    {
        if (_hidden is null)
            return;
        (_hidden, _cell) = (Chosen(_hidden, sequences), Chosen(_cell!, sequences));
    }

    private static Tensor Like(Tensor? kept, Tensor given) => kept?.Shape == given.Shape ? kept : Tensor.Zeros(given.Shape);

    private static Tensor Chosen(Tensor rows, ReadOnlySpan<int> sequences)
    {
        int width = rows.Shape.Width;
        Tensor chosen = Tensor.Zeros([sequences.Length, width]);
        for (int i = 0; i < sequences.Length; i++)
            rows.Span.Slice(sequences[i] * width, width).CopyTo(chosen.Span[(i * width)..]);
        return chosen;
    }
}
