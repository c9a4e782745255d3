using Attune.Tensors.Autograd;
using Attune.Tensors.Kernels.Attention;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Ops;

/// <summary>
/// Scores that follow from what a query and a key are to each other, such as their distance (Dai et al. 2019, arXiv:1901.02860): added to those
/// of attention as its <see cref="AttentionOptions.Bias"/>.
/// </summary>
public static unsafe class IndexedScoresOperation
{
    /// <summary>scale q · table[index] for each head and each pair of a query and a key of its sequence.</summary>
    /// <param name="tape">The tape of the step.</param>
    /// <param name="q">Queries [query rows, *].</param>
    /// <param name="table">A row for each relation [relations, *]: as many heads of the same width.</param>
    /// <param name="queries">The sequences of the query rows.</param>
    /// <param name="keys">The sequences of the key rows, as many.</param>
    /// <param name="index">
    /// The row of the table for each pair, <c>[sum over sequences of Lq * Lk]</c>; negative where the query must not see the key: the score is
    /// minus infinity. Copied, so the memory may be reused at once.
    /// </param>
    /// <param name="scale">The factor of the scores.</param>
    /// <returns>
    /// One value a score: <c>[sequences, heads, Lq, Lk]</c> if all sequences have equal lengths, else <c>[sum over sequences of heads * Lq * Lk]</c>.
    /// </returns>
    /// <exception cref="ArgumentException">Shapes, heads, segments or the index do not fit together.</exception>
    public static Tensor IndexedScores(
        this Tape tape, Heads q, Heads table, Segments queries, Segments keys, ReadOnlyMemory<int> index, float scale)
    {
        Check(q, table, queries, keys, index.Span);
        Tensor output = tape.Allocate(
            AttentionRules.ScoreShape(queries, keys, q.Count), q.Source.RequiresGradient || table.Source.RequiresGradient);
        if (!tape.Computes(AttentionRules.Scores(queries, keys) * q.Count * q.Width))
            return output;

        var problem = new IndexedScores
        {
            QuerySegments = queries,
            KeySegments = keys,
            Queries = q.Source.Pointer + q.Column,
            QueryStride = q.Source.Shape.Width,
            Table = table.Source.Pointer + table.Column,
            TableStride = table.Source.Shape.Width,
            Heads = q.Count,
            Width = q.Width,
            Scale = scale,
            Index = EmbeddingOperation.CopyIds(tape.Arena, index.Span),
            Scores = output.Pointer,
        };
        LaneKernel.Run(problem);
        tape.Record(output, () => LaneKernel.Run(new IndexedScoresBackward
        {
            Problem = problem,
            ScoreGradient = output.Gradient!.Pointer,
            QueryGradient = q.Source.RequiresGradient ? q.Source.Gradient!.ZeroedTarget() + q.Column : null,
            TableGradient = table.Source.RequiresGradient ? table.Source.Gradient!.ZeroedTarget() + table.Column : null,
        }));
        return output;
    }

    private static void Check(Heads q, Heads table, Segments queries, Segments keys, ReadOnlySpan<int> index)
    {
        const string Operation = nameof(IndexedScores);
        AttentionRules.CheckHeads(Operation, "q", q, queries.Rows);
        AttentionRules.CheckHeads(Operation, "table", table, table.Source.Shape.Rank == 2 ? table.Source.Shape[0] : 0);
        if (q.Count != table.Count || q.Width != table.Width)
            throw new ArgumentException($"{Operation}: the table must have {q.Count} heads of width {q.Width}; it has {table.Count} of width {table.Width}.", nameof(table));
        if (queries.Count != keys.Count)
            throw new ArgumentException($"{Operation}: there are {queries.Count} sequences of queries but {keys.Count} of keys.", nameof(keys));
        if (index.Length != AttentionRules.Scores(queries, keys))
            throw new ArgumentException($"{Operation}: there must be one index for each of {AttentionRules.Scores(queries, keys)} pairs; there are {index.Length}.", nameof(index));
        int rows = table.Source.Shape[0];
        foreach (int row in index)
        {
            if (row >= rows)
                throw new ArgumentOutOfRangeException(nameof(index), row, $"{Operation}: an index must be below {rows}, the rows of the table.");
        }
    }
}
