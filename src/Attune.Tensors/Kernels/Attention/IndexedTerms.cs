using System.Runtime.CompilerServices;
using Attune.Tensors.Kernels.Gemm.Tiled;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Kernels.Attention;

/// <summary>Where a term of scores that goes by pairs is: its queries, its table and the row of the table for each pair.</summary>
internal unsafe struct IndexedTermProblem
{
    /// <summary>The first column of the first head in the first row; rows are a stride apart.</summary>
    public float* Queries;
    public int QueryStride;
    public float* Table;
    public int TableStride;

    /// <summary>As <see cref="Ops.PairIndex"/> has them.</summary>
    public PairRun* Runs;
    public int* Ranges;
    public int* Lists;

    /// <summary>The first row of the table that a sequence uses, and how many from there on.</summary>
    public readonly (int First, int Count) Rows(int segment) => (Ranges[2 * segment], Ranges[2 * segment + 1]);

    /// <summary>The lowest and the highest row of the table that some queries and keys use; the highest is the lower one if they use none.</summary>
    public readonly (int Lowest, int Highest) Used(int queryRow, int queries, int key, int keys)
    {
        int lowest = int.MaxValue, highest = -1;
        for (int row = 0; row < queries; row++)
        {
            ref readonly PairRun run = ref Runs[queryRow + row];
            int first = Math.Max(run.First, key), end = Math.Min(run.End, key + keys);
            if (first >= end)
                continue;
            if (run.List < 0)
            {
                int left = run.Origin + run.Step * first, right = run.Origin + run.Step * (end - 1);
                (lowest, highest) = (Math.Min(lowest, Math.Min(left, right)), Math.Max(highest, Math.Max(left, right)));
                continue;
            }
            int* list = Lists + run.List;
            for (int k = first; k < end; k++)
            {
                if (list[k] >= 0)
                    (lowest, highest) = (Math.Min(lowest, list[k]), Math.Max(highest, list[k]));
            }
        }
        return (lowest, highest);
    }
}

/// <summary>
/// Adds the terms that go by pairs to a tile of scores: the queries of the tile are multiplied with those rows of the table that it uses, no more
/// than it has rows and columns where numbers are distances, and each pair takes its own product.
/// </summary>
internal static unsafe class IndexedTerms
{
    /// <summary>Floats of working memory that the terms of a sequence need.</summary>
    public static long Room<T>(in AttentionProblem problem, int segment)
        where T : struct, ILanes<T>
    {
        long panels = 0, widest = 0;
        for (int t = 0; t < problem.Terms; t++)
        {
            long padded = Panels.Padded<T>(problem.Term(t).Rows(segment).Count);
            panels += padded * problem.Width;
            widest = Math.Max(widest, padded);
        }
        return panels + ScoreTile.Queries * widest;
    }

    /// <summary>Packs what a head of a sequence uses of the tables.</summary>
    public static void Prepare<T>(in AttentionProblem problem, int segment, int head, float* room)
        where T : struct, ILanes<T>
    {
        for (int t = 0; t < problem.Terms; t++)
        {
            IndexedTermProblem term = problem.Term(t);
            (int first, int rows) = term.Rows(segment);
            Panels.PackTransposed<T>(term.Table + (long)first * term.TableStride + head * problem.Width, term.TableStride, problem.Width, rows, room);
            room += (long)Panels.Padded<T>(rows) * problem.Width;
        }
    }

    /// <summary>Adds the terms to the products of queries and keys.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add<T>(in AttentionProblem problem, int segment, int head, int query, int queries, int key, int keys, float* room, float* scores)
        where T : struct, ILanes<T>
    {
        int queryRow = problem.QuerySegments.Start(segment) + query;
        float* panels = room, products = room;
        for (int t = 0; t < problem.Terms; t++)
            products += (long)Panels.Padded<T>(problem.Term(t).Rows(segment).Count) * problem.Width;
        for (int t = 0; t < problem.Terms; t++)
        {
            IndexedTermProblem term = problem.Term(t);
            (int first, int rows) = term.Rows(segment);
            int stride = Panels.Padded<T>(rows);
            (int lowest, int highest) = term.Used(queryRow, queries, key, keys);
            if (lowest <= highest)
            {
                // Whole panels, of which the first begins at or before the lowest row.
                int start = (lowest - first) / Tiles<T>.Columns * Tiles<T>.Columns;
                Panels.Multiply<T>(
                    queries, highest - first - start + 1, problem.Width, term.Queries + (long)queryRow * term.QueryStride + head * problem.Width,
                    term.QueryStride, false, panels + (long)start * problem.Width, problem.Width, products, stride, false);
                for (int row = 0; row < queries; row++)
                    AddRow<T>(term, queryRow + row, products + (long)row * stride - first - start, key, keys, scores + row * ScoreTile.Stride);
            }
            panels += (long)stride * problem.Width;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRow<T>(in IndexedTermProblem term, int queryRow, float* products, int key, int keys, float* scores)
        where T : struct, ILanes<T>
    {
        ref readonly PairRun run = ref term.Runs[queryRow];
        int first = Math.Max(run.First, key), end = Math.Min(run.End, key + keys);
        scores -= key;
        if (run.List >= 0)
        {
            int* list = term.Lists + run.List;
            for (int k = first; k < end; k++)
                scores[k] = list[k] < 0 ? float.NegativeInfinity : scores[k] + products[list[k]];
        }
        else if (run.Step == 1)
        {
            products += run.Origin;
            for (int k = first; k < end; k += T.Width)
            {
                int lanes = Math.Min(T.Width, end - k);
                T.StorePartial(scores + k, T.LoadPartial(scores + k, lanes) + T.LoadPartial(products + k, lanes), lanes);
            }
        }
        else
        {
            for (int k = first; k < end; k++)
                scores[k] += products[run.Origin + run.Step * k];
        }
    }
}
