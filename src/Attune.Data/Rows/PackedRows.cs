using Attune.Data.Tokens;
using Attune.Nn.Contracts;

namespace Attune.Data.Rows;

/// <summary>How rows are packed.</summary>
public enum Packing
{
    /// <summary>Whole sentences of neighbouring documents, up to the row's length (FULL-SENTENCES).</summary>
    FullSentences,

    /// <summary>Whole sentences of one document; a document's last row may be short (DOC-SENTENCES).</summary>
    WithinDocument,
}

/// <summary>
/// Rows of whole sentences, at most so many tokens long (Liu et al. 2019, "RoBERTa", section 4.2). A sentence longer than a row is
/// cut into pieces. The plan keeps two numbers for each row and no list of sentences.
/// </summary>
public sealed class PackedRows : IExampleSet
{
    private readonly ITokenStream _tokens;
    private readonly RowFrame _frame;
    private readonly List<(long Start, int Length)> _rows = [];
    private readonly long[] _documentStarts;

    /// <summary>Plans the rows.</summary>
    /// <param name="tokens">The text.</param>
    /// <param name="length">The most tokens of a row, special tokens included.</param>
    /// <param name="packing">What a row may hold.</param>
    /// <param name="frame">Special tokens around and inside of rows; none where null.</param>
    /// <exception cref="ArgumentException">The frame leaves no room, or the stream is empty.</exception>
    public PackedRows(ITokenStream tokens, int length, Packing packing = Packing.FullSentences, RowFrame? frame = null)
    {
        _tokens = tokens;
        _frame = frame ?? new RowFrame();
        int room = length - _frame.Length;
        if (room < 1) throw new ArgumentException($"A row of {length} tokens has no room for text besides its {_frame.Length} special tokens.", nameof(length));
        if (tokens.Count == 0) throw new ArgumentException("The text has no tokens.", nameof(tokens));
        _documentStarts = new long[tokens.DocumentCount];
        for (long document = 0; document < tokens.DocumentCount; document++)
            _documentStarts[document] = tokens.SentenceStart(tokens.DocumentStart(document));
        Plan(room, packing);
    }

    /// <inheritdoc/>
    public long Count => _rows.Count;

    /// <inheritdoc/>
    public Example Get(long index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        (long start, int length) = _rows[(int)index];
        int[] tokens = new int[length];
        _tokens.Read(start, tokens);
        return _frame.Frame(tokens, Breaks(start, length));
    }

    // Places inside of a row where a document begins; not its first token.
    private int[] Breaks(long start, int length)
    {
        if (_frame.Between is null) return [];
        int first = Array.BinarySearch(_documentStarts, start + 1);
        if (first < 0) first = ~first;
        List<int> breaks = [];
        for (int i = first; i < _documentStarts.Length && _documentStarts[i] < start + length; i++) breaks.Add((int)(_documentStarts[i] - start));
        return [.. breaks];
    }

    private void Plan(int room, Packing packing)
    {
        int between = _frame.Between is null ? 0 : 1;
        long start = 0;
        int used = 0, separators = 0;
        for (long document = 0; document < _tokens.DocumentCount; document++)
        {
            if (packing == Packing.WithinDocument) Close();
            bool opens = true;
            for (long sentence = _tokens.DocumentStart(document); sentence < _tokens.DocumentStart(document + 1); sentence++)
            {
                long length = _tokens.SentenceStart(sentence + 1) - _tokens.SentenceStart(sentence);
                int separator = opens && used > 0 ? between : 0;
                if (used > 0 && used + separators + separator + length > room)
                {
                    Close();
                    separator = 0;
                }
                opens = false;
                for (; length > room; length -= room) Add(room);
                used += (int)length;
                separators += separator;
                if (used == room) Close();
            }
        }
        Close();

        void Add(int length)
        {
            _rows.Add((start, length));
            start += length;
        }

        void Close()
        {
            if (used > 0) Add(used);
            used = 0;
            separators = 0;
        }
    }
}
