using System.Runtime.CompilerServices;
using Attune.Tensors.Kernels.Dropout;
using Attune.Tensors.Lanes;
using Attune.Tensors.Memory;
using Attune.Tensors.Parallel;

namespace Attune.Tensors.Kernels.Attention;

/// <summary>
/// softmax(scores) V by blocks of keys with a running maximum and sum, so that scores never exist as a whole
/// (Dao et al. 2022, arXiv:2205.14135). A work item is one head of a few hundred queries of one sequence.
/// </summary>
internal unsafe struct AttentionForward : ILaneKernel
{
    /// <summary>Most queries of a work item: keys are packed once for all of them.</summary>
    public const int GroupQueries = 504;

    public AttentionProblem Problem;
    public AttentionDropout Dropout;

    /// <summary>[query rows, heads * value width]</summary>
    public float* Output;

    /// <summary>log2 Σ 2^score for each query row and head, plus infinity where no key is seen; null if no backward pass will follow.</summary>
    public float* LogSums;

    /// <summary>The sequence, first query and number of queries of each group.</summary>
    public int* Groups;
    public int GroupCount;

    public readonly void Run<T>()
        where T : struct, ILanes<T> => Workers.For(GroupCount * Problem.Heads, new Job<T>(this));

    private readonly struct Job<T>(AttentionForward kernel) : IJob
        where T : struct, ILanes<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int item)
        {
            AttentionForward k = kernel;
            ref readonly AttentionProblem problem = ref k.Problem;
            int head = item % problem.Heads;
            int* group = k.Groups + 3 * (item / problem.Heads);
            int segment = group[0], firstQuery = group[1], queries = group[2];
            int keys = problem.KeySegments.Length(segment);
            int queryRow = problem.QuerySegments.Start(segment) + firstQuery;
            int keyRow = problem.KeySegments.Start(segment);
            int padded = Panels.Padded<T>(problem.ValueWidth);
            int tileQueries = ScoreTile.QueriesOf(problem, queries);
            // With a backward pass to follow, scores are computed as that pass will compute them again.
            bool packs = queries > FewQueries.Most || k.LogSums is not null;

            float* keyPanels = ThreadScratch.Own(
                (long)ScoreTile.Keys * (problem.Width + padded) + ScoreTile.Queries * ScoreTile.Stride
                + (long)queries * (padded + 2) + DropoutMask.BufferLength + IndexedTerms.Room<T>(problem, segment));
            float* valuePanels = keyPanels + (long)ScoreTile.Keys * problem.Width;
            float* scores = valuePanels + (long)ScoreTile.Keys * padded;
            float* mixed = scores + ScoreTile.Queries * ScoreTile.Stride;
            float* buffer = mixed + (long)queries * padded;
            float* maxima = buffer + DropoutMask.BufferLength;
            float* sums = maxima + queries;
            float* terms = sums + queries;
            IndexedTerms.Prepare<T>(problem, segment, head, terms);
            new Span<float>(mixed, queries * padded).Clear();
            new Span<float>(sums, queries).Clear();
            new Span<float>(maxima, queries).Fill(float.NegativeInfinity);

            for (int key = 0; key < keys; key += ScoreTile.Keys)
            {
                int count = Math.Min(ScoreTile.Keys, keys - key);
                if (problem.Reach(segment, firstQuery, queries, key, count) == 0)
                    continue;
                float* keyRows = problem.KeyRow(keyRow + key, head);
                float* valueRows = problem.ValueRow(keyRow + key, head);
                if (packs)
                {
                    Panels.PackTransposed<T>(keyRows, problem.KeyStride, problem.Width, count, keyPanels);
                    Panels.Pack<T>(valueRows, problem.ValueStride, count, problem.ValueWidth, valuePanels);
                }
                for (int query = 0; query < queries; query += tileQueries)
                {
                    int rows = Math.Min(tileQueries, queries - query);
                    int reach = problem.Reach(segment, firstQuery + query, rows, key, count);
                    if (reach == 0)
                        continue;
                    float* queryRows = problem.Queries + (long)(queryRow + query) * problem.QueryStride + head * problem.Width;
                    float scale;
                    if (packs)
                    {
                        scale = ScoreTile.Scores<T>(
                            problem, segment, head, firstQuery + query, rows, queryRows, problem.QueryStride, key, reach, keyPanels, terms, scores);
                    }
                    else
                    {
                        FewQueries.Scores<T>(rows, queryRows, problem.QueryStride, reach, keyRows, problem.KeyStride, problem.Width, scores);
                        scale = ScoreTile.Finish<T>(problem, segment, head, firstQuery + query, rows, key, reach, terms, scores);
                    }
                    for (int row = 0; row < rows; row++)
                    {
                        Weigh(
                            scores + row * ScoreTile.Stride, scale, Panels.Padded<T>(reach), mixed + (long)(query + row) * padded, padded,
                            maxima + query + row, sums + query + row);
                        if (k.Dropout.Mask.IsActive)
                        {
                            float* mask = k.Dropout.Fill<T>(buffer, queryRow + query + row, problem.Heads, head, key, reach);
                            ScoreTile.MultiplyBy<T>(scores + row * ScoreTile.Stride, mask, reach);
                        }
                    }
                    float* target = mixed + (long)query * padded;
                    if (packs)
                        Panels.Multiply<T>(rows, padded, reach, scores, ScoreTile.Stride, false, valuePanels, count, target, padded, true);
                    else
                        FewQueries.AddValues<T>(rows, scores, reach, valueRows, problem.ValueStride, problem.ValueWidth, target, padded);
                }
            }
            Finish(k, head, queryRow, queries, mixed, padded, maxima, sums);
        }

        /// <summary>Turns one row of scores into weights relative to the running maximum, and what was mixed so far with it.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Weigh(float* row, float scale, int columns, float* mixed, int width, float* runningMax, float* runningSum)
        {
            float before = *runningMax;
            float max = MathF.Max(before, ScoreTile.Max<T>(row, columns) * scale);
            if (float.IsNegativeInfinity(max))
            {
                new Span<float>(row, columns).Clear();
                return;
            }
            if (max > before && !float.IsNegativeInfinity(before))
            {
                float shrink = MathF.Pow(2, before - max);
                T factor = T.Broadcast(shrink);
                for (int column = 0; column < width; column += T.Width)
                    T.Store(mixed + column, T.Load(mixed + column) * factor);
                *runningSum *= shrink;
            }
            *runningMax = max;
            *runningSum += ScoreTile.Exponentials<T>(row, scale, max, columns);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Finish(in AttentionForward k, int head, int queryRow, int queries, float* mixed, int padded, float* maxima, float* sums)
        {
            int width = k.Problem.ValueWidth;
            for (int query = 0; query < queries; query++)
            {
                float* output = k.Output + ((long)(queryRow + query) * k.Problem.Heads + head) * width;
                bool blind = sums[query] == 0;
                T factor = T.Broadcast(blind ? 0 : 1 / sums[query]);
                for (int column = 0; column < width; column += T.Width)
                {
                    int lanes = Math.Min(T.Width, width - column);
                    T.StorePartial(output + column, T.Load(mixed + (long)query * padded + column) * factor, lanes);
                }
                if (k.LogSums is not null)
                {
                    k.LogSums[(long)(queryRow + query) * k.Problem.Heads + head] =
                        blind ? float.PositiveInfinity : maxima[query] + MathF.Log2(sums[query]);
                }
            }
        }
    }
}
