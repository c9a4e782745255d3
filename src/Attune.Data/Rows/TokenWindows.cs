using Attune.Data.Tokens;
using Attune.Nn.Contracts;

namespace Attune.Data.Rows;

/// <summary>
/// Windows of a fixed number of tokens over running text, documents ignored: row <c>i</c> begins at token <c>i * stride</c>. A stride of 1
/// with a <see cref="Sampling.ReplacementSampler"/> gives random windows; a stride of the length gives windows one after another.
/// </summary>
public sealed class TokenWindows : IExampleSet
{
    private readonly ITokenStream _tokens;
    private readonly long _start, _end;
    private readonly int _length, _stride;
    private readonly RowFrame _frame;

    /// <summary>Describes the windows.</summary>
    /// <param name="tokens">The text.</param>
    /// <param name="length">Tokens of a window, without the frame's.</param>
    /// <param name="stride">Tokens from one window's beginning to the next one's.</param>
    /// <param name="frame">Special tokens around each window; none where null.</param>
    /// <param name="start">The first token used.</param>
    /// <param name="end">One past the last token used; the stream's end where null.</param>
    /// <param name="keepLast">Whether a shorter window at the end is kept.</param>
    /// <exception cref="ArgumentException">The text is shorter than one window, or a number is out of range.</exception>
    public TokenWindows(ITokenStream tokens, int length, int stride, RowFrame? frame = null, long start = 0, long? end = null, bool keepLast = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(stride);
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        (_tokens, _length, _stride, _frame, _start, _end) = (tokens, length, stride, frame ?? new RowFrame(), start, end ?? tokens.Count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(_end, tokens.Count, nameof(end));
        long available = _end - start;
        Count = available < length ? 0 : ((available - length) / stride) + 1;
        if (keepLast && available > 0 && (Count == 0 || ((Count - 1) * stride) + length < available)) Count++;
        if (Count == 0) throw new ArgumentException($"{available} tokens do not fill one window of {length}. Use a longer text or shorter windows.", nameof(length));
    }

    /// <inheritdoc/>
    public long Count { get; }

    /// <inheritdoc/>
    public Example Get(long index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        long start = _start + (index * _stride);
        int[] tokens = new int[(int)Math.Min(_length, _end - start)];
        _tokens.Read(start, tokens);
        return _frame.Frame(tokens, []);
    }
}
