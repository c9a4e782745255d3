using Attune.Nn.Contracts;
using Attune.Parity.Comparison;
using Attune.Tensors;

namespace Attune.Parity.Models;

/// <summary>
/// Where the rows of a ragged batch are in the reference's padded arrays, <c>[sequences, length]</c>, and the way there and back.
/// </summary>
internal sealed class PaddedRows
{
    private readonly int[] _cells;
    private readonly bool[] _real;

    private PaddedRows(int sequences, int length, bool[] real, bool keepPadding)
        : this(sequences, length, real, [.. Enumerable.Range(0, sequences * length).Where(cell => keepPadding || real[cell])]) =>
        KeepsPadding = keepPadding;

    private PaddedRows(int sequences, int length, bool[] real, int[] cells)
    {
        Sequences = sequences;
        Length = length;
        _real = real;
        _cells = cells;
        int[] lengths = new int[sequences];
        foreach (int cell in _cells)
            lengths[cell / length]++;
        Segments = Segments.FromLengths(lengths);
    }

    /// <summary>The number of sequences.</summary>
    public int Sequences { get; }

    /// <summary>The length with padding.</summary>
    public int Length { get; }

    /// <summary>Whether padding has rows as well, which nobody sees: where the reference's loss reads them.</summary>
    public bool KeepsPadding { get; }

    /// <summary>The sequences without their padding (unless it is kept).</summary>
    public Segments Segments { get; }

    /// <summary>Whether the first column of a sequence is padding.</summary>
    public bool BeginsWithPadding => Enumerable.Range(0, Sequences).Any(s => !_real[s * Length]);

    /// <summary>Whether there is any padding.</summary>
    public bool HasPadding => _real.Contains(false);

    /// <summary>Which rows may be seen; null if all may.</summary>
    public ReadOnlyMemory<bool>? KeyMask => KeepsPadding && HasPadding ? (ReadOnlyMemory<bool>?)_real : null;

    /// <summary>Finds the rows.</summary>
    /// <param name="sequences">The number of sequences.</param>
    /// <param name="length">The length with padding.</param>
    /// <param name="mask">1 where a token is real; null if all are.</param>
    public static PaddedRows Of(int sequences, int length, int[]? mask)
    {
        bool[] real = new bool[sequences * length];
        for (int cell = 0; cell < real.Length; cell++)
            real[cell] = mask is null || mask[cell] != 0;
        return new PaddedRows(sequences, length, real, keepPadding: false);
    }

    /// <summary>The same arrays, with rows for padding too.</summary>
    public PaddedRows WithPadding() => new(Sequences, Length, _real, keepPadding: true);

    /// <summary>Where keys are that begin with rows of earlier segments: those stand in front of the padded array, at its end if there are fewer.</summary>
    public PaddedRows Behind(Segments keys)
    {
        int memory = 0;
        for (int s = 0; s < Sequences; s++)
            memory = Math.Max(memory, keys.Length(s) - Segments.Length(s));
        bool[] real = new bool[Sequences * (memory + Length)];
        for (int s = 0; s < Sequences; s++)
        {
            Span<bool> row = real.AsSpan(s * (memory + Length), memory + Length);
            int own = keys.Length(s) - Segments.Length(s);
            row[(memory - own)..memory].Fill(true);
            for (int i = 0; i < Length; i++)
                row[memory + i] = KeepsPadding || _real[s * Length + i];
        }
        return new PaddedRows(Sequences, memory + Length, real, keepPadding: false);
    }

    /// <summary>The places of some rows alone, sequence after sequence.</summary>
    public PaddedRows At(ReadOnlyMemory<int> rows)
    {
        bool[] real = new bool[_real.Length];
        int[] cells = [.. rows.ToArray().Select(row => _cells[row])];
        foreach (int cell in cells)
            real[cell] = true;
        return new PaddedRows(Sequences, Length, real, cells);
    }

    /// <summary>
    /// Brings the rows that are kept of each sequence into the layout <c>[sequences, columns, width]</c> of the last columns of the padded array.
    /// </summary>
    /// <param name="rows">The last rows of each sequence.</param>
    /// <param name="kept">How many of each.</param>
    /// <param name="columns">How many columns the reference keeps.</param>
    public ComparedValues PadLast(Tensor rows, Segments kept, int columns)
    {
        int width = rows.Shape.Width, first = Length - columns;
        float[] values = new float[Sequences * columns * width];
        bool[] compared = new bool[values.Length];
        for (int s = 0; s < Sequences; s++)
        {
            for (int i = 0; i < Segments.Length(s); i++)
            {
                int column = _cells[Segments.Start(s) + i] % Length - first, row = i - Segments.Length(s) + kept.Length(s);
                if (column < 0 || row < 0)
                    continue;
                int target = (s * columns + column) * width;
                rows.Span.Slice((kept.Start(s) + row) * width, width).CopyTo(values.AsSpan(target));
                compared.AsSpan(target, width).Fill(_real[s * Length + first + column]);
            }
        }
        return new ComparedValues([Sequences, columns, width], values) { Compared = compared };
    }

    /// <summary>Where the last rows of sequences are that are kept for later segments: at the end of an array of the longest's length.</summary>
    public static PaddedRows AtEnd(Segments kept)
    {
        bool[] real = new bool[kept.Count * kept.MaxLength];
        for (int s = 0; s < kept.Count; s++)
            real.AsSpan((s + 1) * kept.MaxLength - kept.Length(s), kept.Length(s)).Fill(true);
        return new PaddedRows(kept.Count, kept.MaxLength, real, keepPadding: false);
    }

    /// <summary>Whether a cell of the padded array holds a real token.</summary>
    public bool IsReal(int cell) => _real[cell];

    /// <summary>The row of a column of a sequence.</summary>
    /// <exception cref="ArgumentException">The column holds no real token.</exception>
    public int RowOf(int sequence, int column) => Array.IndexOf(_cells, sequence * Length + column) is >= 0 and var row
        ? row
        : throw new ArgumentException($"Column {column} of sequence {sequence} is padding.", nameof(column));

    /// <summary>Takes the rows out of a padded array; null stays null.</summary>
    public int[]? Rows(int[]? padded) => padded is null ? null : [.. _cells.Select(cell => padded[cell])];

    /// <summary>
    /// The column of each row, where counting the rows of a sequence would not give it: padding in front or between. Families that
    /// count positions along the padded array need it.
    /// </summary>
    public int[]? Columns()
    {
        int[] columns = [.. _cells.Select(cell => cell % Length)];
        for (int row = 0, s = 0; s < Sequences; s++)
        {
            for (int i = 0; i < Segments.Length(s); i++, row++)
            {
                if (columns[row] != i)
                    return columns;
            }
        }
        return null;
    }

    /// <summary>Brings rows <c>[rows, ...]</c> into the padded layout, <c>[sequences, length, ...]</c>; only real cells count.</summary>
    public ComparedValues Pad(Tensor rows)
    {
        int[] inner = rows.Shape.ToArray()[1..];
        int width = inner.Aggregate(1, (product, extent) => product * extent);
        float[] values = new float[_real.Length * width];
        bool[] compared = new bool[values.Length];
        ReadOnlySpan<float> source = rows.Span;
        for (int row = 0; row < _cells.Length; row++)
        {
            int cell = _cells[row];
            source.Slice(row * width, width).CopyTo(values.AsSpan(cell * width));
            compared.AsSpan(cell * width, width).Fill(_real[cell]);
        }
        return new ComparedValues([Sequences, Length, .. inner], values) { Compared = compared };
    }

    /// <summary>
    /// Brings attention, one <c>[heads, queries, keys]</c> a sequence, into the padded layout
    /// <c>[sequences, heads, length, key length]</c>. Rows of real queries count, with 0 where the key is padding.
    /// </summary>
    /// <param name="attention">The attention of each sequence.</param>
    /// <param name="keys">Where the keys are; the same as here in self-attention.</param>
    public ComparedValues PadAttention(AttentionMaps attention, PaddedRows keys)
    {
        int heads = attention.Heads;
        float[] values = new float[Sequences * heads * Length * keys.Length];
        bool[] compared = new bool[values.Length];
        for (int s = 0; s < Sequences; s++)
        {
            int firstKey = keys.Segments.Start(s), keyCount = keys.Segments.Length(s);
            int firstQuery = Segments.Start(s), queryCount = Segments.Length(s);
            ReadOnlySpan<float> source = attention.Of(s).Span;
            for (int head = 0; head < heads; head++)
            {
                for (int query = 0; query < queryCount; query++)
                {
                    int cell = _cells[firstQuery + query];
                    int target = ((s * heads + head) * Length + cell % Length) * keys.Length;
                    compared.AsSpan(target, keys.Length).Fill(_real[cell]);
                    for (int key = 0; key < keyCount; key++)
                        values[target + keys._cells[firstKey + key] % keys.Length] = source[(head * queryCount + query) * keyCount + key];
                }
            }
        }
        return new ComparedValues([Sequences, heads, Length, keys.Length], values) { Compared = compared };
    }
}
