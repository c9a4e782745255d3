using Attune.Tensors.Autograd;
using Attune.Tensors.Kernels.Attention;
using Attune.Tensors.Lanes;
using Attune.Tensors.Memory;

namespace Attune.Tensors.Ops;

/// <summary>
/// Scaled dot-product attention (Vaswani et al. 2017, arXiv:1706.03762) of ragged sequences, by blocks with the softmax on the fly,
/// forward and backward (Dao et al. 2022, arXiv:2205.14135): memory grows with the length, not with its square.
/// </summary>
public static unsafe class AttentionOperation
{
    /// <summary>softmax(scale q kᵀ + bias, masked) v for each head and sequence.</summary>
    /// <param name="tape">The tape of the step.</param>
    /// <param name="q">Queries [query rows, *].</param>
    /// <param name="k">Keys [key rows, *]: as many heads of the same width.</param>
    /// <param name="v">Values [key rows, *]: as many heads, of any width.</param>
    /// <param name="queries">The sequences of the query rows.</param>
    /// <param name="keys">The sequences of the key rows, as many: queries see the keys of their own sequence.</param>
    /// <param name="options">Scale, masks, bias and dropout.</param>
    /// <returns>[query rows, heads * value width]</returns>
    /// <exception cref="ArgumentException">Shapes, heads, segments or options do not fit together.</exception>
    public static Tensor Attention(
        this Tape tape, Heads q, Heads k, Heads v, Segments queries, Segments keys, AttentionOptions options) =>
        Run(tape, nameof(Attention), q, k, v, queries, keys, options, inspect: false).Output;

    /// <summary>
    /// As <see cref="Attention"/>, and also the attention weights (before dropout) for inspection. Gradients flow through both results.
    /// </summary>
    /// <returns>
    /// The output, and the weights: <c>[sequences, heads, query length, key length]</c> if all sequences have equal lengths, else one after
    /// the other in that order, <c>[sum over sequences of heads * Lq * Lk]</c>.
    /// </returns>
    /// <inheritdoc cref="Attention"/>
    public static (Tensor Output, Tensor Probabilities) AttentionWithProbabilities(
        this Tape tape, Heads q, Heads k, Heads v, Segments queries, Segments keys, AttentionOptions options)
    {
        (Tensor output, Tensor? probabilities) =
            Run(tape, nameof(AttentionWithProbabilities), q, k, v, queries, keys, options, inspect: true);
        return (output, probabilities!);
    }

    private static (Tensor Output, Tensor? Probabilities) Run(
        Tape tape, string operation, Heads q, Heads k, Heads v, Segments queries, Segments keys, AttentionOptions options, bool inspect)
    {
        AttentionRules.Check(operation, q, k, v, queries, keys, options);
        Tensor? bias = options.Bias;
        bool wanted = q.Source.RequiresGradient || k.Source.RequiresGradient || v.Source.RequiresGradient
            || bias is { RequiresGradient: true } || options.Terms.Any(term => term.Queries.Source.RequiresGradient || term.Table.Source.RequiresGradient);
        Tensor output = tape.Allocate([queries.Rows, v.Count * v.Width], wanted);
        Tensor? probabilities = inspect ? tape.Allocate(AttentionRules.ScoreShape(queries, keys, q.Count), wanted) : null;
        var dropout = new AttentionDropout
        {
            Mask = DropoutOperation.NextMask(tape, operation, options.Dropout),
            FirstRow = tape.RowOffset,
        };
        if (!tape.Computes(AttentionRules.Scores(queries, keys) * q.Count * ((1 + options.Terms.Count) * q.Width + v.Width)))
            return (output, probabilities);

        AttentionProblem problem = Problem(tape.Arena, q, k, v, queries, keys, options);
        float* logSums = output.Gradient is null && !inspect ? null : tape.Arena.Allocate((long)queries.Rows * q.Count);
        int* groups = Groups(tape.Arena, queries, out int groupCount);
        LaneKernel.Run(new AttentionForward
        {
            Problem = problem,
            Dropout = dropout,
            Output = output.Pointer,
            LogSums = logSums,
            Groups = groups,
            GroupCount = groupCount,
        });
        tape.Arena.Release((float*)groups, 3L * groupCount);
        GC.KeepAlive(options);
        if (probabilities is not null)
            LaneKernel.Run(new AttentionProbabilities { Problem = problem, LogSums = logSums, Probabilities = probabilities.Pointer });

        if (probabilities is null)
            tape.Record(output, Backward);
        else
            tape.Record([output, probabilities], Backward);
        return (output, probabilities);

        void Backward()
        {
            var kernel = new AttentionBackward
            {
                Problem = problem,
                Dropout = dropout,
                LogSums = logSums,
                Output = output.Pointer,
                OutputGradient = output.Gradient is { Written: true } gradient ? gradient.Pointer : null,
            };
            if (probabilities?.Gradient is { Written: true } weightGradient)
            {
                kernel.Probabilities = probabilities.Pointer;
                kernel.ProbabilityGradient = weightGradient.Pointer;
            }
            // Before the others: where one tensor serves both, these are then added to what is there.
            if (options.Terms.Count > 0)
                kernel.FirstTermTargets = Targets(options.Terms[0]);
            if (options.Terms.Count > 1)
                kernel.SecondTermTargets = Targets(options.Terms[1]);
            var targets = new HeadGradients(q, k, v);
            kernel.QueryGradient = targets.Take(q, out kernel.AccumulateQueries);
            kernel.KeyGradient = targets.Take(k, out kernel.AccumulateKeys);
            kernel.ValueGradient = targets.Take(v, out kernel.AccumulateValues);
            if (bias is { RequiresGradient: true })
                kernel.BiasGradient = bias.Gradient!.ZeroedTarget();
            LaneKernel.Run(kernel);
            GC.KeepAlive(options);
        }
    }

    private static IndexedTermTargets Targets(IndexedTerm term) => new()
    {
        Queries = term.Queries.Source.RequiresGradient ? term.Queries.Source.Gradient!.ZeroedTarget() + term.Queries.Column : null,
        Table = term.Table.Source.RequiresGradient ? term.Table.Source.Gradient!.ZeroedTarget() + term.Table.Column : null,
    };

    private static AttentionProblem Problem(
        Arena arena, Heads q, Heads k, Heads v, Segments queries, Segments keys, AttentionOptions options)
    {
        var problem = new AttentionProblem
        {
            QuerySegments = queries,
            KeySegments = keys,
            Queries = q.Source.Pointer + q.Column,
            QueryStride = q.Source.Shape.Width,
            Keys = k.Source.Pointer + k.Column,
            KeyStride = k.Source.Shape.Width,
            KeyHeadStride = HeadStride(k),
            Values = v.Source.Pointer + v.Column,
            ValueStride = v.Source.Shape.Width,
            ValueHeadStride = HeadStride(v),
            Heads = q.Count,
            Width = q.Width,
            ValueWidth = v.Width,
            Scale = options.Scale ?? 1 / MathF.Sqrt(q.Width),
            Causal = options.Causal,
            Offset = options.CausalOffset,
            Window = options.Window ?? 0,
            KeyMask = Values(arena, options.KeyMask.Span, 0, float.NegativeInfinity),
            ScoreFactors = Values(arena, options.UniformQueries.Span, 0, 1),
        };
        if (options.Bias is { } bias)
        {
            problem.Bias = bias.Pointer;
            if (bias.Shape.Rank == 3)
            {
                problem.BiasHeadStride = (long)bias.Shape[1] * bias.Shape[2];
                problem.BiasRowStride = bias.Shape[2];
            }
        }
        problem.Terms = options.Terms.Count;
        if (options.Terms.Count > 0)
            problem.FirstTerm = Problem(options.Terms[0]);
        if (options.Terms.Count > 1)
            problem.SecondTerm = Problem(options.Terms[1]);
        return problem;
    }

    private static long HeadStride(Heads heads) => Math.Max(heads.HeadRows, 1) * (long)heads.Width;

    private static IndexedTermProblem Problem(IndexedTerm term) => new()
    {
        Queries = term.Queries.Source.Pointer + term.Queries.Column,
        QueryStride = term.Queries.Source.Shape.Width,
        Table = term.Table.Source.Pointer + term.Table.Column,
        TableStride = term.Table.Source.Shape.Width,
        Runs = term.Index.Runs,
        Ranges = term.Index.Ranges,
        Lists = term.Index.Lists,
    };

    private static float* Values(Arena arena, ReadOnlySpan<bool> marks, float marked, float other)
    {
        if (marks.IsEmpty)
            return null;
        float* values = arena.Allocate(marks.Length);
        for (int row = 0; row < marks.Length; row++)
            values[row] = marks[row] ? marked : other;
        return values;
    }

    private static int* Groups(Arena arena, Segments queries, out int count)
    {
        count = 0;
        for (int segment = 0; segment < queries.Count; segment++)
            count += GroupsOf(queries.Length(segment));
        int* groups = (int*)arena.Allocate(3L * count);
        int* next = groups;
        for (int segment = 0; segment < queries.Count; segment++)
        {
            // Of nearly equal size: a short last group would pack all keys for a few queries.
            int length = queries.Length(segment), parts = GroupsOf(length);
            for (int part = 0; part < parts; part++)
            {
                int first = (int)((long)length * part / parts);
                *next++ = segment;
                *next++ = first;
                *next++ = (int)((long)length * (part + 1) / parts) - first;
            }
        }
        return groups;
    }

    private static int GroupsOf(int length) => (length + AttentionForward.GroupQueries - 1) / AttentionForward.GroupQueries;
}
