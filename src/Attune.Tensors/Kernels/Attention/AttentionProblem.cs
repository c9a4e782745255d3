namespace Attune.Tensors.Kernels.Attention;

/// <summary>What attention works on: where queries, keys and values are and which pairs may see each other.</summary>
internal unsafe struct AttentionProblem
{
    /// <summary>exp(x) = 2^(x log2 e): scores are kept in units of log 2, because powers of two are what the CPU can do.</summary>
    public const float Log2E = 1.44269504f;

    public Segments QuerySegments;
    public Segments KeySegments;

    /// <summary>The first column of the first head in the first row; rows are a stride apart, and so are heads (of queries: their width).</summary>
    public float* Queries;
    public int QueryStride;
    public float* Keys;
    public int KeyStride;
    public long KeyHeadStride;
    public float* Values;
    public int ValueStride;
    public long ValueHeadStride;

    public int Heads;

    /// <summary>The columns of a head of queries and keys.</summary>
    public int Width;

    /// <summary>The columns of a head of values.</summary>
    public int ValueWidth;

    public float Scale;
    public bool Causal;

    /// <summary>The position of the first query among the keys; null if the last query is at the last key.</summary>
    public int? Offset;

    /// <summary>The reach of local attention; 0 for none.</summary>
    public int Window;

    /// <summary>Added to scaled scores; null for none.</summary>
    public float* Bias;

    /// <summary>Floats from one head of a shared bias to the next and from one query to the next; 0 if there is one value a score.</summary>
    public long BiasHeadStride;
    public int BiasRowStride;

    /// <summary>0 or minus infinity for each key row; null for none.</summary>
    public float* KeyMask;

    /// <summary>0 for query rows whose scores count for nothing, 1 for the others; null for none.</summary>
    public float* ScoreFactors;

    /// <summary>How many terms of scores go by pairs, and these; they then say which keys a query sees.</summary>
    public int Terms;
    public IndexedTermProblem FirstTerm;
    public IndexedTermProblem SecondTerm;

    /// <summary>Where head <paramref name="head"/> of key row <paramref name="row"/> begins.</summary>
    public readonly float* KeyRow(long row, int head) => Keys + row * KeyStride + head * KeyHeadStride;

    /// <summary>Where head <paramref name="head"/> of value row <paramref name="row"/> begins.</summary>
    public readonly float* ValueRow(long row, int head) => Values + row * ValueStride + head * ValueHeadStride;

    /// <summary>Term <paramref name="number"/> of those that go by pairs.</summary>
    public readonly IndexedTermProblem Term(int number) => number == 0 ? FirstTerm : SecondTerm;

    /// <summary>The first key that query <paramref name="query"/> sees, and one past the last.</summary>
    public readonly (int First, int End) Visible(int segment, int query)
    {
        int keys = KeySegments.Length(segment);
        if (Terms > 0)
        {
            ref readonly PairRun run = ref FirstTerm.Runs[QuerySegments.Start(segment) + query];
            return (run.First, run.End);
        }
        if (!Causal && Window == 0)
            return (0, keys);
        int position = query + (Offset ?? keys - QuerySegments.Length(segment));
        long end = Causal ? position + 1L : (long)position + Window;
        long first = Window == 0 ? 0 : (long)position - Window + 1;
        int clampedEnd = (int)Math.Clamp(end, 0, keys);
        return ((int)Math.Clamp(first, 0, clampedEnd), clampedEnd);
    }

    /// <summary>
    /// How many of <paramref name="keys"/> keys from <paramref name="key"/> on must be looked at for some queries: up to the last one that
    /// any of them sees, 0 if they see none.
    /// </summary>
    public readonly int Reach(int segment, int query, int queries, int key, int keys)
    {
        // Both ends of the visible keys move forwards with the query, unless pairs are told one by one.
        (int first, int end) = Visible(segment, query);
        for (int other = Terms > 0 ? 1 : queries - 1; other < queries; other++)
        {
            (int otherFirst, int otherEnd) = Visible(segment, query + other);
            (first, end) = (Math.Min(first, otherFirst), Math.Max(end, otherEnd));
        }
        return first < key + keys ? Math.Clamp(end - key, 0, keys) : 0;
    }

    /// <summary>Where the scores of a segment and head begin among one value a score.</summary>
    public readonly long ScoreOffset(int segment, int head)
    {
        long offset = 0;
        for (int s = 0; s < segment; s++)
            offset += (long)QuerySegments.Length(s) * KeySegments.Length(s);
        return offset * Heads + (long)head * QuerySegments.Length(segment) * KeySegments.Length(segment);
    }

    /// <summary>The distance, from the start of the bias, of the biases of one query's scores.</summary>
    public readonly long BiasOffset(int segment, int head, int query) => BiasRowStride > 0
        ? head * BiasHeadStride + (long)query * BiasRowStride
        : ScoreOffset(segment, head) + (long)query * KeySegments.Length(segment);
}
