using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;
using Attune.Tensors.Memory;
using Attune.Tensors.Parallel;

namespace Attune.Tensors.Kernels.Attention;

/// <summary>
/// The score of a query and a key through a row of a table that the pair names: all products of queries and the rows in question are made at
/// once, then each pair takes its own. A work item is one head of one sequence.
/// </summary>
internal unsafe struct IndexedScores : ILaneKernel
{
    public Segments QuerySegments;
    public Segments KeySegments;

    /// <summary>The first column of the first head in the first row; rows are a stride apart.</summary>
    public float* Queries;
    public int QueryStride;
    public float* Table;
    public int TableStride;

    public int Heads;
    public int Width;
    public float Scale;

    /// <summary>The row of the table for each pair of a query and a key, sequence after sequence; negative where they do not see each other.</summary>
    public int* Index;

    /// <summary>One value a score.</summary>
    public float* Scores;

    /// <summary>Where the pairs of a sequence begin.</summary>
    public readonly long Pairs(int segment)
    {
        long offset = 0;
        for (int s = 0; s < segment; s++)
            offset += (long)QuerySegments.Length(s) * KeySegments.Length(s);
        return offset;
    }

    /// <summary>The first row of the table that a sequence uses, and how many from there on.</summary>
    public readonly (int First, int Count) Rows(int segment)
    {
        var index = new ReadOnlySpan<int>(Index + Pairs(segment), QuerySegments.Length(segment) * KeySegments.Length(segment));
        int first = int.MaxValue, last = -1;
        foreach (int row in index)
        {
            if (row < 0)
                continue;
            first = Math.Min(first, row);
            last = Math.Max(last, row);
        }
        return last < 0 ? (0, 0) : (first, last - first + 1);
    }

    public readonly void Run<T>()
        where T : struct, ILanes<T> => Workers.For(Heads * QuerySegments.Count, new Job<T>(this));

    private readonly struct Job<T>(IndexedScores kernel) : IJob
        where T : struct, ILanes<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int item)
        {
            IndexedScores k = kernel;
            int segment = item / k.Heads, head = item % k.Heads;
            int queries = k.QuerySegments.Length(segment), keys = k.KeySegments.Length(segment), width = k.Width;
            long pairs = k.Pairs(segment);
            int* index = k.Index + pairs;
            float* scores = k.Scores + pairs * k.Heads + (long)head * queries * keys;
            (int first, int rows) = k.Rows(segment);
            int padded = Panels.Padded<T>(rows);
            float* panels = ThreadScratch.Own((long)padded * (width + ScoreTile.Queries));
            float* products = panels + (long)padded * width;
            Panels.PackTransposed<T>(k.Table + (long)first * k.TableStride + head * width, k.TableStride, width, rows, panels);
            for (int query = 0; query < queries; query += ScoreTile.Queries)
            {
                int count = Math.Min(ScoreTile.Queries, queries - query);
                if (rows > 0)
                {
                    Panels.Multiply<T>(
                        count, rows, width, k.Queries + (long)(k.QuerySegments.Start(segment) + query) * k.QueryStride + head * width, k.QueryStride, false,
                        panels, width, products, padded, false);
                }
                for (int i = 0; i < count; i++)
                {
                    float* row = products + (long)i * padded - first;
                    long at = (long)(query + i) * keys;
                    for (int key = 0; key < keys; key++)
                        scores[at + key] = index[at + key] < 0 ? float.NegativeInfinity : k.Scale * row[index[at + key]];
                }
            }
        }
    }
}

/// <summary>The gradients of <see cref="IndexedScores"/>. A work item is one head of all sequences, whose gradients meet in the table.</summary>
internal unsafe struct IndexedScoresBackward : ILaneKernel
{
    public IndexedScores Problem;
    public float* ScoreGradient;

    /// <summary>Laid out as queries and table; always added to; null where none is wanted.</summary>
    public float* QueryGradient;
    public float* TableGradient;

    public readonly void Run<T>()
        where T : struct, ILanes<T> => Workers.For(Problem.Heads, new Job<T>(this));

    private readonly struct Job<T>(IndexedScoresBackward kernel) : IJob
        where T : struct, ILanes<T>
    {
        public void Run(int head)
        {
            IndexedScoresBackward k = kernel;
            for (int segment = 0; segment < k.Problem.QuerySegments.Count; segment++)
                Head(k, segment, head);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Head(in IndexedScoresBackward k, int segment, int head)
        {
            ref readonly IndexedScores problem = ref k.Problem;
            int queries = problem.QuerySegments.Length(segment), keys = problem.KeySegments.Length(segment), width = problem.Width;
            (int first, int rows) = problem.Rows(segment);
            if (rows == 0 || queries == 0)
                return;
            long pairs = problem.Pairs(segment);
            int* index = problem.Index + pairs;
            float* gradients = k.ScoreGradient + pairs * problem.Heads + (long)head * queries * keys;
            int padded = Panels.Padded<T>(rows), paddedWidth = Panels.Padded<T>(width);
            float* products = ThreadScratch.Own(
                (long)ScoreTile.Queries * (padded + 2L * paddedWidth) + (long)rows * 2 * paddedWidth);
            float* queryPanels = products + (long)ScoreTile.Queries * padded;
            float* queryGradients = queryPanels + (long)ScoreTile.Queries * paddedWidth;
            float* tablePanels = queryGradients + (long)ScoreTile.Queries * paddedWidth;
            float* tableGradients = tablePanels + (long)rows * paddedWidth;
            Panels.Pack<T>(problem.Table + (long)first * problem.TableStride + head * width, problem.TableStride, rows, width, tablePanels);
            new Span<float>(tableGradients, rows * paddedWidth).Clear();
            for (int query = 0; query < queries; query += ScoreTile.Queries)
            {
                int count = Math.Min(ScoreTile.Queries, queries - query);
                new Span<float>(products, count * padded).Clear();
                for (int i = 0; i < count; i++)
                {
                    float* row = products + (long)i * padded - first;
                    long at = (long)(query + i) * keys;
                    for (int key = 0; key < keys; key++)
                    {
                        if (index[at + key] >= 0)
                            row[index[at + key]] += problem.Scale * gradients[at + key];
                    }
                }
                long queryRow = problem.QuerySegments.Start(segment) + query;
                if (k.TableGradient is not null)
                {
                    Panels.Pack<T>(problem.Queries + queryRow * problem.QueryStride + head * width, problem.QueryStride, count, width, queryPanels);
                    Panels.Multiply<T>(rows, paddedWidth, count, products, padded, true, queryPanels, count, tableGradients, paddedWidth, true);
                }
                if (k.QueryGradient is not null)
                {
                    Panels.Multiply<T>(count, paddedWidth, rows, products, padded, false, tablePanels, rows, queryGradients, paddedWidth, false);
                    Add(queryGradients, paddedWidth, k.QueryGradient + queryRow * problem.QueryStride + head * width, problem.QueryStride, count, width);
                }
            }
            if (k.TableGradient is not null)
                Add(tableGradients, paddedWidth, k.TableGradient + (long)first * problem.TableStride + head * width, problem.TableStride, rows, width);
        }

        private static void Add(float* source, int sourceStride, float* target, int stride, int rows, int width)
        {
            for (int row = 0; row < rows; row++)
            {
                for (int i = 0; i < width; i += T.Width)
                {
                    int lanes = Math.Min(T.Width, width - i);
                    float* to = target + (long)row * stride + i;
                    T.StorePartial(to, T.LoadPartial(to, lanes) + T.LoadPartial(source + (long)row * sourceStride + i, lanes), lanes);
                }
            }
        }
    }
}
