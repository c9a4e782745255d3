using Attune.Tensors;
using Attune.Tensors.Ops;

namespace Attune.Nn.Decoding;

/// <summary>
/// Rows that lie head by head, those of one head one behind the other: attention, which reads a head's rows alone and all of them for every token, then
/// reads memory in one go.
/// </summary>
/// <param name="heads">The number of heads.</param>
/// <param name="width">The columns of a head.</param>
internal sealed class HeadStore(int heads, int width)
{
    private const int FirstCapacity = 64;

    // [heads * capacity, width]
    private Tensor? _rows;

    /// <summary>The rows that each head has room for.</summary>
    public int Capacity { get; private set; }

    /// <summary>The memory held, in bytes.</summary>
    public long ReservedBytes => (_rows?.Count ?? 0) * sizeof(float);

    /// <summary>All heads.</summary>
    public Heads All => new(_rows!, 0, heads, width) { HeadRows = Capacity };

    /// <summary>A store without rows for heads of the same number and width.</summary>
    public HeadStore Empty() => new(heads, width);

    /// <summary>Some rows of a store with one head.</summary>
    public Tensor Rows(int start, int count) => _rows!.DetachedRows(start, count);

    /// <summary>Makes room for <paramref name="needed"/> rows and keeps the first <paramref name="kept"/>.</summary>
    public void Reserve(int needed, int kept)
    {
        if (needed <= Capacity)
            return;
        int capacity = Math.Max(needed, Math.Max(FirstCapacity, 2 * Capacity));
        (Tensor? before, int old) = (_rows, Capacity);
        (_rows, Capacity) = (Tensor.Zeros([checked(heads * capacity), width]), capacity);
        for (int head = 0; head < heads && kept > 0; head++)
            before!.Span.Slice(head * old * width, kept * width).CopyTo(Of(head, 0, kept));
    }

    /// <summary>Writes rows of heads that lie side by side.</summary>
    /// <param name="at">Where the first one goes.</param>
    /// <param name="given">The heads.</param>
    /// <param name="firstRow">Their first row that is written.</param>
    /// <param name="count">How many rows are.</param>
    public void Write(int at, Heads given, int firstRow, int count)
    {
        int stride = given.Source.Shape.Width;
        ReadOnlySpan<float> source = given.Source.Span;
        for (int head = 0; head < heads; head++)
        {
            Span<float> target = Of(head, at, count);
            for (int row = 0; row < count; row++)
                source.Slice((firstRow + row) * stride + given.Column + head * width, width).CopyTo(target[(row * width)..]);
        }
    }

    /// <summary>Takes over <paramref name="count"/> rows of another store from <paramref name="start"/> on, at the same places.</summary>
    public void Copy(HeadStore source, int start, int count)
    {
        for (int head = 0; head < heads; head++)
            source.Of(head, start, count).CopyTo(Of(head, start, count));
    }

    /// <summary>Moves <paramref name="count"/> rows from <paramref name="start"/> on to the beginning.</summary>
    public void MoveToBeginning(int start, int count)
    {
        for (int head = 0; head < heads; head++)
            Of(head, start, count).CopyTo(Of(head, 0, count));
    }

    private Span<float> Of(int head, int start, int count) => _rows!.Span.Slice((head * Capacity + start) * width, count * width);
}
