using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Attune.Tensors.Kernels.Attention;

namespace Attune.Tensors.Ops;

/// <summary>
/// A number for each pair of a query and a key of its sequence, such as that of their distance, or none where the query does not see the key.
/// Queries whose numbers are a run (one more, one less or the same from key to key), as those of distances are, take no memory of their own:
/// it grows with the length then, not with its square.
/// </summary>
/// <remarks>Immutable; may be read by several threads.</remarks>
public sealed unsafe class PairIndex
{
    /// <summary>A pair that does not see each other.</summary>
    public const int Hidden = -1;

    // Pinned: kernels read them for as long as this object lives.
    private readonly PairRun[] _runs;
    private readonly int[] _ranges;
    private readonly int[] _listed;

    /// <summary>Collects the numbers of all pairs.</summary>
    /// <param name="queries">The sequences of the query rows.</param>
    /// <param name="keys">The sequences of the key rows, as many.</param>
    /// <param name="fill">Gives the numbers of a query.</param>
    /// <exception cref="ArgumentException">There are not as many sequences of keys as of queries.</exception>
    public PairIndex(Segments queries, Segments keys, FillRow fill)
    {
        if (queries.Count != keys.Count)
            throw new ArgumentException($"There are {queries.Count} sequences of queries but {keys.Count} of keys.", nameof(keys));
        (Queries, Keys) = (queries, keys);
        _runs = GC.AllocateArray<PairRun>(Math.Max(1, queries.Rows), pinned: true);
        _ranges = GC.AllocateArray<int>(Math.Max(1, 2 * queries.Count), pinned: true);
        int[] row = new int[keys.MaxLength];
        List<int> listed = [];
        for (int s = 0; s < queries.Count; s++)
        {
            int lowest = int.MaxValue, highest = -1;
            Span<int> own = row.AsSpan(0, keys.Length(s));
            for (int query = 0; query < queries.Length(s); query++)
            {
                own.Fill(Hidden);
                fill(s, query, own);
                _runs[queries.Start(s) + query] = Run(own, listed);
                foreach (int number in own)
                {
                    if (number >= 0)
                        (lowest, highest) = (Math.Min(lowest, number), Math.Max(highest, number));
                }
            }
            (_ranges[2 * s], _ranges[2 * s + 1]) = highest < 0 ? (0, 0) : (lowest, highest - lowest + 1);
            Rows = Math.Max(Rows, highest + 1);
        }
        _listed = GC.AllocateUninitializedArray<int>(Math.Max(1, listed.Count), pinned: true);
        listed.CopyTo(_listed);
    }

    /// <summary>The sequences of the query rows.</summary>
    public Segments Queries { get; }

    /// <summary>The sequences of the key rows.</summary>
    public Segments Keys { get; }

    /// <summary>One more than the highest number: the rows that a table must have.</summary>
    public int Rows { get; }

    /// <summary>The numbers that are kept one by one, because they are no runs.</summary>
    public int Listed => _listed.Length;

    /// <summary>A run for each query row.</summary>
    internal PairRun* Runs => (PairRun*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_runs));

    /// <summary>The lowest number of each sequence, and how many there are up to the highest.</summary>
    internal int* Ranges => (int*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_ranges));

    /// <summary>The numbers of queries that are no runs, <see cref="PairRun.List"/> after another.</summary>
    internal int* Lists => (int*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_listed));

    private static PairRun Run(ReadOnlySpan<int> row, List<int> listed)
    {
        int first = row.IndexOfAnyExcept(Hidden);
        if (first < 0)
            return new PairRun { List = -1 };
        int end = row.LastIndexOfAnyExcept(Hidden) + 1;
        int step = end - first > 1 ? row[first + 1] - row[first] : 0;
        bool isRun = step is >= -1 and <= 1;
        for (int key = first + 1; key < end && isRun; key++)
            isRun = row[key] >= 0 && row[key] - row[key - 1] == step;
        var run = new PairRun { First = first, End = end, Step = step, Origin = row[first] - step * first, List = -1 };
        if (isRun)
            return run;
        run.List = listed.Count;
        listed.AddRange(row);
        return run;
    }

    /// <summary>Gives the numbers of a query.</summary>
    /// <param name="sequence">The sequence.</param>
    /// <param name="query">The query in it.</param>
    /// <param name="row">Gets a number for each key of the sequence, at least 0; <see cref="Hidden"/> before.</param>
    public delegate void FillRow(int sequence, int query, Span<int> row);
}
