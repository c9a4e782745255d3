using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;
using Attune.Tensors.Memory;
using Attune.Tensors.Parallel;

namespace Attune.Tensors.Kernels.Attention;

/// <summary>Writes the attention weights that the forward pass never holds as a whole, for inspection: one value a score.</summary>
internal unsafe struct AttentionProbabilities : ILaneKernel
{
    public AttentionProblem Problem;
    public float* LogSums;
    public float* Probabilities;

    public readonly void Run<T>()
        where T : struct, ILanes<T> => Workers.For(Problem.QuerySegments.Count * Problem.Heads, new Job<T>(this));

    private readonly struct Job<T>(AttentionProbabilities kernel) : IJob
        where T : struct, ILanes<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int item)
        {
            AttentionProbabilities k = kernel;
            ref readonly AttentionProblem problem = ref k.Problem;
            int segment = item / problem.Heads, head = item % problem.Heads;
            int queries = problem.QuerySegments.Length(segment), keys = problem.KeySegments.Length(segment);
            int queryRow = problem.QuerySegments.Start(segment), keyRow = problem.KeySegments.Start(segment);
            float* target = k.Probabilities + problem.ScoreOffset(segment, head);
            int tileQueries = ScoreTile.QueriesOf(problem, queries);
            float* keyPanels = ThreadScratch.Own(
                (long)ScoreTile.Keys * problem.Width + ScoreTile.Queries * ScoreTile.Stride + IndexedTerms.Room<T>(problem, segment));
            float* scores = keyPanels + (long)ScoreTile.Keys * problem.Width;
            float* terms = scores + ScoreTile.Queries * ScoreTile.Stride;
            IndexedTerms.Prepare<T>(problem, segment, head, terms);
            for (int key = 0; key < keys; key += ScoreTile.Keys)
            {
                int count = Math.Min(ScoreTile.Keys, keys - key);
                Panels.PackTransposed<T>(
                    problem.KeyRow(keyRow + key, head), problem.KeyStride, problem.Width, count, keyPanels);
                for (int query = 0; query < queries; query += tileQueries)
                {
                    int rows = Math.Min(tileQueries, queries - query);
                    float scale = ScoreTile.Scores<T>(
                        problem, segment, head, query, rows,
                        problem.Queries + (long)(queryRow + query) * problem.QueryStride + head * problem.Width, problem.QueryStride,
                        key, count, keyPanels, terms, scores);
                    for (int row = 0; row < rows; row++)
                    {
                        float* tile = scores + row * ScoreTile.Stride;
                        float logSum = k.LogSums[(long)(queryRow + query + row) * problem.Heads + head];
                        ScoreTile.Exponentials<T>(tile, scale, logSum, Panels.Padded<T>(count));
                        new Span<float>(tile, count).CopyTo(new Span<float>(target + (long)(query + row) * keys + key, count));
                    }
                }
            }
        }
    }
}
