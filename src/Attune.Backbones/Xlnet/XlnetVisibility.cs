using Attune.Nn.Contracts;
using Attune.Tensors;

namespace Attune.Backbones.Xlnet;

/// <summary>Which keys the rows of a batch see: what direction, padding and the batch's own mask leave.</summary>
internal sealed class XlnetVisibility
{
    private readonly TokenBatch _batch;
    private readonly XlnetShape _shape;
    private readonly int _length;
    private readonly int[] _pairs;

    public XlnetVisibility(TokenBatch batch, XlnetShape shape)
    {
        (_batch, _shape) = (batch, shape);
        Segments segments = batch.Segments;
        _pairs = new int[segments.Count];
        for (int s = 1; s < _pairs.Length; s++)
            _pairs[s] = _pairs[s - 1] + segments.Length(s - 1) * segments.Length(s - 1);
        _length = segments.MaxLength;
        for (int row = 0; row < batch.Rows && batch.Positions is not null; row++)
            _length = Math.Max(_length, Position(row, 0) + 1);
    }

    /// <summary>What a row that holds its token sees: itself in any case.</summary>
    public bool OfContent(int sequence, int row, int key, int distance) =>
        key == row - _batch.Segments.Start(sequence) || OfTarget(sequence, row, key, distance);

    /// <summary>What a row sees that is to predict its token.</summary>
    public bool OfTarget(int sequence, int row, int key, int distance)
    {
        Segments segments = _batch.Segments;
        if (_shape.Causal && (distance < 0 || _shape.SameLength && TooFar(sequence, row, distance)))
            return false;
        if (key < 0)
            return true;
        return (_batch.KeyMask is not { IsEmpty: false } mask || mask.Span[segments.Start(sequence) + key])
            && (_batch.PairMask is not { IsEmpty: false } pairs || pairs.Span[_pairs[sequence] + (row - segments.Start(sequence)) * segments.Length(sequence) + key]);
    }

    // Of as many keys as there are rows, counted from the first one of the memory, those before the row's own number are left out.
    private bool TooFar(int sequence, int row, int distance)
    {
        int own = Position(row, sequence), key = (_batch.Memory?.Segments.Length(sequence) ?? 0) + own - distance;
        return key < _length && key < own;
    }

    private int Position(int row, int sequence) => _batch.Positions is { } positions ? positions.Span[row] : row - _batch.Segments.Start(sequence);
}
