using System.Runtime.CompilerServices;
using Attune.Tensors.Kernels.Dropout;
using Attune.Tensors.Lanes;
using Attune.Tensors.Memory;
using Attune.Tensors.Parallel;

namespace Attune.Tensors.Kernels.Attention;

/// <summary>
/// The gradients of <see cref="AttentionForward"/>. Weights P are made again from the kept sums. With dP = dO Vᵀ and D the row sums of
/// dO O, the gradient of the scores is P (dP - D). A work item is one head of one sequence, or one head of all sequences if their gradients
/// meet in a shared bias or table.
/// </summary>
internal unsafe struct AttentionBackward : ILaneKernel
{
    public AttentionProblem Problem;
    public AttentionDropout Dropout;
    public float* LogSums;

    /// <summary>The forward result and its gradient, [query rows, heads * value width]; the gradient is null if none arrived.</summary>
    public float* Output;
    public float* OutputGradient;

    /// <summary>The weights and the gradient that reached them, one value a score; null if they were not asked for.</summary>
    public float* Probabilities;
    public float* ProbabilityGradient;

    /// <summary>Where gradients go, laid out as the problem's queries, keys and values; null where none is wanted.</summary>
    public float* QueryGradient;
    public bool AccumulateQueries;
    public float* KeyGradient;
    public bool AccumulateKeys;
    public float* ValueGradient;
    public bool AccumulateValues;

    /// <summary>Laid out as the bias; always added to.</summary>
    public float* BiasGradient;

    public IndexedTermTargets FirstTermTargets;
    public IndexedTermTargets SecondTermTargets;

    private readonly bool Shares =>
        BiasGradient is not null && Problem.BiasRowStride > 0 || FirstTermTargets.Table is not null || SecondTermTargets.Table is not null;

    public readonly void Run<T>()
        where T : struct, ILanes<T> =>
        Workers.For(Shares ? Problem.Heads : Problem.Heads * Problem.QuerySegments.Count, new Job<T>(this));

    private readonly struct Job<T>(AttentionBackward kernel) : IJob
        where T : struct, ILanes<T>
    {
        public void Run(int item)
        {
            AttentionBackward k = kernel;
            if (!k.Shares)
            {
                Head(k, item / k.Problem.Heads, item % k.Problem.Heads);
                return;
            }
            for (int segment = 0; segment < k.Problem.QuerySegments.Count; segment++)
                Head(k, segment, item);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Head(in AttentionBackward k, int segment, int head)
        {
            ref readonly AttentionProblem problem = ref k.Problem;
            int queries = problem.QuerySegments.Length(segment), keys = problem.KeySegments.Length(segment);
            int queryRow = problem.QuerySegments.Start(segment), keyRow = problem.KeySegments.Start(segment);
            int width = problem.Width, valueWidth = problem.ValueWidth;
            int padded = Panels.Padded<T>(width), valuePadded = Panels.Padded<T>(valueWidth);
            int tileQueries = ScoreTile.QueriesOf(problem, queries);

            // Queries and output gradients are packed by blocks, each a right operand of its own.
            float* queryPanels = ThreadScratch.Own(
                (long)queries * (2 * padded + valuePadded + 1) + (long)ScoreTile.Keys * (2 * width + valueWidth + 2 * padded + valuePadded)
                + 2L * ScoreTile.Queries * ScoreTile.Stride + DropoutMask.BufferLength + TermRoom(problem, segment));
            float* gradientPanels = queryPanels + (long)queries * padded;
            float* queryGradients = gradientPanels + (long)queries * valuePadded;
            float* keyGradients = queryGradients + (long)queries * padded;
            float* valueGradients = keyGradients + (long)ScoreTile.Keys * padded;
            float* keyPanels = valueGradients + (long)ScoreTile.Keys * valuePadded;
            float* keyRows = keyPanels + (long)ScoreTile.Keys * width;
            float* valuePanels = keyRows + (long)ScoreTile.Keys * padded;
            float* weights = valuePanels + (long)ScoreTile.Keys * (width + valueWidth);
            float* gradients = weights + (long)ScoreTile.Queries * ScoreTile.Stride;
            float* buffer = gradients + (long)ScoreTile.Queries * ScoreTile.Stride;
            float* dots = buffer + DropoutMask.BufferLength;
            float* terms = dots + queries;
            IndexedTerms.Prepare<T>(problem, segment, head, terms);
            float* room = terms + IndexedTerms.Room<T>(problem, segment);
            IndexedTermGradients<T> first = default, second = default;
            if (problem.Terms > 0)
                first = new(problem, problem.FirstTerm, k.FirstTermTargets, segment, head, tileQueries, room);
            if (problem.Terms > 1)
                second = new(problem, problem.SecondTerm, k.SecondTermTargets, segment, head, tileQueries, room + IndexedTermGradients<T>.Room(problem, problem.FirstTerm, segment));

            float* queryRows = problem.Queries + (long)queryRow * problem.QueryStride + head * width;
            int outputStride = problem.Heads * valueWidth;
            float* outputGradients = k.OutputGradient is null
                ? null
                : k.OutputGradient + (long)queryRow * outputStride + head * valueWidth;
            for (int query = 0; query < queries; query += tileQueries)
            {
                int rows = Math.Min(tileQueries, queries - query);
                Panels.Pack<T>(
                    queryRows + (long)query * problem.QueryStride, problem.QueryStride, rows, width, queryPanels + (long)query * padded);
                if (outputGradients is not null)
                {
                    Panels.Pack<T>(
                        outputGradients + (long)query * outputStride, outputStride, rows, valueWidth,
                        gradientPanels + (long)query * valuePadded);
                }
            }
            new Span<float>(queryGradients, queries * padded).Clear();
            Dots(k, segment, head, dots);

            for (int key = 0; key < keys; key += ScoreTile.Keys)
            {
                int count = Math.Min(ScoreTile.Keys, keys - key);
                float* blockKeys = problem.KeyRow(keyRow + key, head);
                float* blockValues = problem.ValueRow(keyRow + key, head);
                Panels.PackTransposed<T>(blockKeys, problem.KeyStride, width, count, keyPanels);
                Panels.Pack<T>(blockKeys, problem.KeyStride, count, width, keyRows);
                Panels.PackTransposed<T>(blockValues, problem.ValueStride, valueWidth, count, valuePanels);
                new Span<float>(keyGradients, count * padded).Clear();
                new Span<float>(valueGradients, count * valuePadded).Clear();
                for (int query = 0; query < queries; query += tileQueries)
                {
                    int rows = Math.Min(tileQueries, queries - query);
                    int reach = problem.Reach(segment, query, rows, key, count);
                    if (reach == 0)
                        continue;
                    float scale = ScoreTile.Scores<T>(
                        problem, segment, head, query, rows, queryRows + (long)query * problem.QueryStride, problem.QueryStride,
                        key, reach, keyPanels, terms, weights);
                    if (outputGradients is not null)
                    {
                        Panels.Multiply<T>(
                            rows, reach, valueWidth, outputGradients + (long)query * outputStride, outputStride, false,
                            valuePanels, valueWidth, gradients, ScoreTile.Stride, false);
                    }
                    for (int row = 0; row < rows; row++)
                    {
                        ScoreGradients(
                            k, segment, head, query + row, key, reach, scale, dots[query + row],
                            weights + row * ScoreTile.Stride, gradients + row * ScoreTile.Stride, buffer);
                    }
                    if (problem.Terms > 0)
                        first.Add(query, rows, key, reach, gradients);
                    if (problem.Terms > 1)
                        second.Add(query, rows, key, reach, gradients);
                    if (k.ValueGradient is not null && outputGradients is not null)
                    {
                        Panels.Multiply<T>(
                            reach, valuePadded, rows, weights, ScoreTile.Stride, true,
                            gradientPanels + (long)query * valuePadded, rows, valueGradients, valuePadded, true);
                    }
                    if (k.KeyGradient is not null)
                    {
                        Panels.Multiply<T>(
                            reach, padded, rows, gradients, ScoreTile.Stride, true,
                            queryPanels + (long)query * padded, rows, keyGradients, padded, true);
                    }
                    if (k.QueryGradient is not null)
                    {
                        Panels.Multiply<T>(
                            rows, padded, reach, gradients, ScoreTile.Stride, false,
                            keyRows, count, queryGradients + (long)query * padded, padded, true);
                    }
                }
                if (k.KeyGradient is not null)
                {
                    Panels.Put<T>(
                        keyGradients, padded, problem.Scale, k.KeyGradient + (long)(keyRow + key) * problem.KeyStride + head * width,
                        problem.KeyStride, count, width, k.AccumulateKeys);
                }
                if (k.ValueGradient is not null)
                {
                    Panels.Put<T>(
                        valueGradients, valuePadded, 1, k.ValueGradient + (long)(keyRow + key) * problem.ValueStride + head * valueWidth,
                        problem.ValueStride, count, valueWidth, k.AccumulateValues);
                }
            }
            if (k.QueryGradient is not null)
            {
                Panels.Put<T>(
                    queryGradients, padded, problem.Scale, k.QueryGradient + (long)queryRow * problem.QueryStride + head * width,
                    problem.QueryStride, queries, width, k.AccumulateQueries);
            }
            if (problem.Terms > 0)
                first.Finish(problem.Scale);
            if (problem.Terms > 1)
                second.Finish(problem.Scale);
        }

        private static long TermRoom(in AttentionProblem problem, int segment)
        {
            long room = IndexedTerms.Room<T>(problem, segment);
            for (int t = 0; t < problem.Terms; t++)
                room += IndexedTermGradients<T>.Room(problem, problem.Term(t), segment);
            return room;
        }

        /// <summary>D of each query: how the row sum of its weights would move, which softmax keeps at 1.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Dots(in AttentionBackward k, int segment, int head, float* dots)
        {
            int queries = k.Problem.QuerySegments.Length(segment), keys = k.Problem.KeySegments.Length(segment);
            for (int query = 0; query < queries; query++)
            {
                float dot = 0;
                if (k.OutputGradient is not null)
                {
                    long offset = ((long)(k.Problem.QuerySegments.Start(segment) + query) * k.Problem.Heads + head) * k.Problem.ValueWidth;
                    dot = Dot(k.Output + offset, k.OutputGradient + offset, k.Problem.ValueWidth);
                }
                if (k.ProbabilityGradient is not null)
                {
                    long offset = k.Problem.ScoreOffset(segment, head) + (long)query * keys;
                    dot += Dot(k.Probabilities + offset, k.ProbabilityGradient + offset, keys);
                }
                dots[query] = dot;
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static float Dot(float* left, float* right, int count)
        {
            T sum = T.Zero;
            for (int i = 0; i < count; i += T.Width)
            {
                int lanes = Math.Min(T.Width, count - i);
                sum = T.Fma(T.LoadPartial(left + i, lanes), T.LoadPartial(right + i, lanes), sum);
            }
            return T.Sum(sum);
        }

        /// <summary>
        /// One row: scores become the weights that mixed the values, and gradients of weights become gradients of scaled scores.
        /// </summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void ScoreGradients(
            in AttentionBackward k, int segment, int head, int query, int key, int count, float scale, float dot,
            float* weights, float* gradients, float* buffer)
        {
            long queryRow = k.Problem.QuerySegments.Start(segment) + query;
            float logSum = k.LogSums[queryRow * k.Problem.Heads + head];
            int columns = Panels.Padded<T>(count);
            ScoreTile.Exponentials<T>(weights, scale, logSum, columns);
            if (k.OutputGradient is null)
                new Span<float>(gradients, columns).Clear();

            float* mask = null;
            if (k.Dropout.Mask.IsActive)
            {
                mask = k.Dropout.Fill<T>(buffer, queryRow, k.Problem.Heads, head, key, count);
                ScoreTile.MultiplyBy<T>(gradients, mask, count);
            }
            if (k.ProbabilityGradient is not null)
            {
                long offset = k.Problem.ScoreOffset(segment, head) + (long)query * k.Problem.KeySegments.Length(segment) + key;
                Add(k.ProbabilityGradient + offset, gradients, count);
            }

            T centre = T.Broadcast(dot);
            for (int column = 0; column < columns; column += T.Width)
                T.Store(gradients + column, T.Load(weights + column) * (T.Load(gradients + column) - centre));
            if (k.BiasGradient is not null)
                Add(gradients, k.BiasGradient + k.Problem.BiasOffset(segment, head, query) + key, count);
            if (mask is not null)
                ScoreTile.MultiplyBy<T>(weights, mask, count);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Add(float* source, float* target, int count)
        {
            for (int i = 0; i < count; i += T.Width)
            {
                int lanes = Math.Min(T.Width, count - i);
                T.StorePartial(target + i, T.LoadPartial(target + i, lanes) + T.LoadPartial(source + i, lanes), lanes);
            }
        }
    }
}
