namespace Attune.Tensors.Kernels;

/// <summary>A stretch of consecutive rows that lie in one segment.</summary>
/// <param name="SegmentStart">The first row of the segment.</param>
/// <param name="SegmentEnd">One past its last row.</param>
/// <param name="Start">The first row of the stretch.</param>
/// <param name="Count">Its number of rows.</param>
internal readonly record struct SegmentRun(int SegmentStart, int SegmentEnd, int Start, int Count);

/// <summary>Walks a range of rows as stretches that do not cross a segment's border.</summary>
internal ref struct SegmentRuns
{
    private readonly ReadOnlySpan<int> _offsets;
    private readonly int _end;
    private int _segment;
    private int _row;

    public SegmentRuns(Segments segments, int start, int end)
    {
        _offsets = segments.Offsets;
        _end = end;
        _row = start;
        // The last segment that begins at or before the row: empty segments share their start with the one that follows.
        int low = 0, high = segments.Count - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (_offsets[middle] <= start)
                low = middle;
            else
                high = middle - 1;
        }
        _segment = low;
    }

    public SegmentRun Current { get; private set; }

    public bool MoveNext()
    {
        if (_row >= _end)
            return false;
        while (_offsets[_segment + 1] <= _row)
            _segment++;
        int last = Math.Min(_offsets[_segment + 1], _end);
        Current = new SegmentRun(_offsets[_segment], _offsets[_segment + 1], _row, last - _row);
        _row = last;
        return true;
    }
}
