using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Kernels.Attention;

/// <summary>The scores of a block of queries and keys, and the elementwise steps on them.</summary>
internal static unsafe class ScoreTile
{
    /// <summary>Most rows of a tile: a multiple of the register tiles of all instruction sets.</summary>
    public const int Queries = 84;

    /// <summary>Most rows of a tile if keys beyond the last query are hidden: fewer pairs are computed in vain.</summary>
    private const int CausalQueries = 42;

    /// <summary>Columns of a tile.</summary>
    public const int Keys = 256;

    /// <summary>Floats from one row to the next: not a power of two, so that a column does not fall on a few cache sets.</summary>
    public const int Stride = Keys + 16;

    /// <summary>How many rows each tile has when so many queries are cut evenly.</summary>
    public static int QueriesOf(in AttentionProblem problem, int queries)
    {
        int most = problem.Causal ? CausalQueries : Queries;
        int tiles = Math.Max(1, (queries + most - 1) / most);
        return (queries + tiles - 1) / tiles;
    }

    /// <summary>
    /// Queries times keys. Scores in units of log 2 are these times the result; pairs that do not see each other and the columns that
    /// fill the last panel are minus infinity.
    /// </summary>
    /// <param name="problem">The problem.</param>
    /// <param name="segment">The sequence.</param>
    /// <param name="head">The head.</param>
    /// <param name="query">The first query of the tile.</param>
    /// <param name="queries">How many queries.</param>
    /// <param name="queryRows">The queries' columns of this head, from the first query of the tile.</param>
    /// <param name="queryStride">Floats from one query to the next.</param>
    /// <param name="key">The first key of the tile.</param>
    /// <param name="keys">How many keys.</param>
    /// <param name="keyPanels">The transposed keys in panels.</param>
    /// <param name="terms">What <see cref="IndexedTerms.Prepare"/> has packed; not looked at where there are no such terms.</param>
    /// <param name="scores">The tile.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Scores<T>(
        in AttentionProblem problem, int segment, int head, int query, int queries, float* queryRows, int queryStride,
        int key, int keys, float* keyPanels, float* terms, float* scores)
        where T : struct, ILanes<T>
    {
        Panels.Multiply<T>(queries, keys, problem.Width, queryRows, queryStride, false, keyPanels, problem.Width, scores, Stride, false);
        return Finish<T>(problem, segment, head, query, queries, key, keys, terms, scores);
    }

    /// <summary>Adds terms and biases to the products of queries and keys, and hides pairs that do not see each other.</summary>
    /// <returns>What the scores are to be multiplied by, as <see cref="Scores"/> says.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Finish<T>(in AttentionProblem problem, int segment, int head, int query, int queries, int key, int keys, float* terms, float* scores)
        where T : struct, ILanes<T>
    {
        if (problem.Terms > 0)
            IndexedTerms.Add<T>(problem, segment, head, query, queries, key, keys, terms, scores);
        float scale = problem.Scale;
        int padded = Panels.Padded<T>(keys);
        // A negative or zero scale would turn the order of scores around, which the running maximum relies on.
        if (problem.Bias is not null || problem.KeyMask is not null || problem.ScoreFactors is not null || scale <= 0)
        {
            float* factors = problem.ScoreFactors is null ? null : problem.ScoreFactors + problem.QuerySegments.Start(segment) + query;
            float* mask = problem.KeyMask is null ? null : problem.KeyMask + problem.KeySegments.Start(segment) + key;
            for (int row = 0; row < queries; row++)
            {
                float* bias = problem.Bias is null ? null : problem.Bias + problem.BiasOffset(segment, head, query + row) + key;
                Shift<T>(scores + row * Stride, factors is null ? scale : scale * factors[row], bias, mask, keys);
            }
            scale = 1;
        }

        for (int row = 0; row < queries; row++)
        {
            (int first, int end) = problem.Visible(segment, query + row);
            Hide<T>(scores + row * Stride, Math.Clamp(first - key, 0, keys), Math.Clamp(end - key, 0, keys), padded);
        }
        return scale * AttentionProblem.Log2E;
    }

    /// <summary>2^x for x at most about 1: minus infinity gives 0. Relative error below 3e-7.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Exp2<T>(T x)
        where T : struct, ILanes<T>
    {
        x = T.Max(T.Broadcast(-200), x);
        T whole = T.Round(x);
        T r = x - whole;
        T p = T.Broadcast(1.5403530e-4f);
        p = T.Fma(p, r, T.Broadcast(1.3333558e-3f));
        p = T.Fma(p, r, T.Broadcast(9.6181291e-3f));
        p = T.Fma(p, r, T.Broadcast(5.5504109e-2f));
        p = T.Fma(p, r, T.Broadcast(2.4022651e-1f));
        p = T.Fma(p, r, T.Broadcast(6.9314718e-1f));
        p = T.Fma(p, r, T.Broadcast(1));
        return T.ScaleByPowerOfTwo(p, whole);
    }

    /// <summary>The largest of a row; the row is whole panels long.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Max<T>(float* row, int padded)
        where T : struct, ILanes<T>
    {
        T even = T.Broadcast(float.NegativeInfinity), odd = even;
        for (int column = 0; column < padded; column += 2 * T.Width)
        {
            even = T.Max(even, T.Load(row + column));
            odd = T.Max(odd, T.Load(row + column + T.Width));
        }
        return T.MaxAcross(T.Max(even, odd));
    }

    /// <summary>Replaces a row by 2^(row * scale - shift) and returns its sum; the row is whole panels long.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Exponentials<T>(float* row, float scale, float shift, int padded)
        where T : struct, ILanes<T>
    {
        T factor = T.Broadcast(scale), offset = T.Broadcast(-shift);
        T even = T.Zero, odd = T.Zero;
        for (int column = 0; column < padded; column += 2 * T.Width)
        {
            T first = Exp2(T.Fma(T.Load(row + column), factor, offset));
            T second = Exp2(T.Fma(T.Load(row + column + T.Width), factor, offset));
            T.Store(row + column, first);
            T.Store(row + column + T.Width, second);
            even += first;
            odd += second;
        }
        return T.Sum(even + odd);
    }

    /// <summary>Multiplies a row with something of the same length, such as a dropout mask.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MultiplyBy<T>(float* row, float* factors, int count)
        where T : struct, ILanes<T>
    {
        for (int column = 0; column < count; column += T.Width)
        {
            int lanes = Math.Min(T.Width, count - column);
            T.StorePartial(row + column, T.LoadPartial(row + column, lanes) * T.LoadPartial(factors + column, lanes), lanes);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Shift<T>(float* row, float scale, float* bias, float* mask, int keys)
        where T : struct, ILanes<T>
    {
        T factor = T.Broadcast(scale);
        for (int column = 0; column < keys; column += T.Width)
        {
            int lanes = Math.Min(T.Width, keys - column);
            T score = T.Fma(T.LoadPartial(row + column, lanes), factor, bias is null ? T.Zero : T.LoadPartial(bias + column, lanes));
            if (mask is not null)
                score += T.LoadPartial(mask + column, lanes);
            T.StorePartial(row + column, score, lanes);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Hide<T>(float* row, int first, int end, int padded)
        where T : struct, ILanes<T>
    {
        if (first > 0)
            new Span<float>(row, first).Fill(float.NegativeInfinity);
        if (end < padded)
            new Span<float>(row + end, padded - end).Fill(float.NegativeInfinity);
    }
}
