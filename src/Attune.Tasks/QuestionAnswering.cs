using Attune.Nn.Contracts;
using Attune.Tasks.Metrics;
using Attune.Tensors;
using Attune.Tensors.Ops;
using Attune.Tensors.Random;

namespace Attune.Tasks;

/// <summary>
/// The span of a text that answers a question (SQuAD): every token is scored as the answer's first and last. An example
/// without answer is taught to point at its first token, [CLS].
/// </summary>
public sealed class QuestionAnswering : ITask
{
    /// <inheritdoc/>
    public string Name => "question-answering";

    /// <summary>The most tokens of an answer.</summary>
    public int MaxAnswerLength { get; init; } = 30;

    /// <summary>
    /// By how much "no answer" must beat the best span to be chosen; null if every question has an answer. Where answers are compared as
    /// text, null is 0 as soon as a question has none.
    /// </summary>
    public float? NoAnswerThreshold { get; init; }

    /// <inheritdoc/>
    public Capabilities Requires => Capabilities.Tokens | Capabilities.Bidirectional;

    /// <inheritdoc/>
    public IReadOnlyList<HeadRequest> Heads { get; } = [new(HeadKind.QuestionAnswering)];

    /// <inheritdoc/>
    public IReadOnlyList<Setting> Settings => [];

    /// <inheritdoc/>
    public IMetrics NewMetrics() => new AnswerMetrics(NoAnswerThreshold);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A span lies outside of its example.</exception>
    public Batch Collate(IReadOnlyList<Example> examples, RandomStream random, int firstIndex = 0)
    {
        var arrays = new BatchArrays();
        TokenBatch input = TokenBatch.Of(examples, arrays);
        Memory<int> starts = arrays.Ints(examples.Count), ends = arrays.Ints(examples.Count);
        bool[] allowed = new bool[input.Rows];
        for (int s = 0; s < examples.Count; s++)
        {
            Example example = examples[s];
            (int start, int end) = example.Span ?? (0, 0);
            if (start < 0 || end < start || end >= example.Ids.Length)
                throw new ArgumentException($"Example {s} of the batch has {example.Ids.Length} tokens, but its answer is {start}..{end}.", nameof(examples));
            (starts.Span[s], ends.Span[s]) = (start, end);
            MarkContext(example, allowed.AsSpan(input.Segments.Start(s), example.Ids.Length));
        }
        return new SpanBatch
        {
            Input = input,
            Starts = starts,
            Ends = ends,
            Allowed = allowed,
            Keys = [.. examples.Select(example => example.Key)],
            Arrays = arrays,
            Examples = examples.Count,
            Tokens = input.Rows,
            Weight = examples.Count,
        };
    }

    /// <inheritdoc/>
    public Tensor Loss(Pass pass, Model model, Batch batch)
    {
        var spans = (SpanBatch)batch;
        BackboneOutput output = model.Forward(pass, spans.Input);
        (Tensor start, Tensor end) = Logits(pass, model, output);
        return output.WithAuxiliaryLoss(pass, Loss(pass, spans, start, end));
    }

    /// <inheritdoc/>
    public double Score(Pass pass, Model model, Batch batch, IMetrics metrics)
    {
        var spans = (SpanBatch)batch;
        (Tensor start, Tensor end) = Logits(pass, model, model.Forward(pass, spans.Input));
        IReadOnlyList<SpanAnswers> answers = Read(spans, start, end, count: 1);
        for (int s = 0; s < answers.Count; s++)
        {
            if (spans.Keys[s] is { } key)
            {
                ((AnswerMetrics)metrics).Add(key, answers[s]);
                continue;
            }
            (int Start, int End) truth = (spans.Starts.Span[s], spans.Ends.Span[s]), given = Choose(answers[s]);
            int common = Math.Max(0, Math.Min(truth.End, given.End) - Math.Max(truth.Start, given.Start) + 1);
            int both = truth.End - truth.Start + given.End - given.Start + 2;
            ((AnswerMetrics)metrics).Add(truth == given, 2.0 * common / both);
        }
        return Loss(pass, spans, start, end).Item;
    }

    /// <summary>The model's answers for each example of a batch.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="model">The model.</param>
    /// <param name="batch">A batch of this task.</param>
    /// <param name="count">The most spans for each example.</param>
    public IReadOnlyList<SpanAnswers> Answer(Pass pass, Model model, Batch batch, int count = 20)
    {
        var spans = (SpanBatch)batch;
        (Tensor start, Tensor end) = Logits(pass, model, model.Forward(pass, spans.Input));
        return Read(spans, start, end, count);
    }

    /// <summary>The span that counts: the best one, or the first token if "no answer" wins.</summary>
    public (int Start, int End) Choose(SpanAnswers answers)
    {
        if (answers.Spans.Count == 0)
            return (0, 0);
        SpanAnswer best = answers.Spans[0];
        return NoAnswerThreshold is { } threshold && answers.NoAnswerScore - best.Score > threshold ? (0, 0) : (best.Start, best.End);
    }

    private static Tensor Loss(Pass pass, SpanBatch batch, Tensor start, Tensor end)
    {
        Tensor first = pass.Tape.CrossEntropy(RaggedScores.Align(pass.Tape, start, batch.Input.Segments), batch.Starts, Labels.Ignore);
        Tensor last = pass.Tape.CrossEntropy(RaggedScores.Align(pass.Tape, end, batch.Input.Segments), batch.Ends, Labels.Ignore);
        return pass.Tape.Scale(pass.Tape.Add(first, last), 0.5f);
    }

    private static (Tensor Start, Tensor End) Logits(Pass pass, Model model, BackboneOutput output) =>
        model.Head<ISpanHead>(HeadKind.QuestionAnswering).Logits(pass, output);

    private SpanAnswers[] Read(SpanBatch batch, Tensor start, Tensor end, int count)
    {
        Segments segments = batch.Input.Segments;
        var answers = new SpanAnswers[segments.Count];
        for (int s = 0; s < answers.Length; s++)
        {
            Range rows = segments.Start(s)..segments.Start(s + 1);
            answers[s] = SpanAnswers.Read(start.Span[rows], end.Span[rows], batch.Allowed.AsSpan()[rows], MaxAnswerLength, count);
        }
        return answers;
    }

    // Answers stand in the second sequence; where nothing tells the sequences apart, everything that is not special will do.
    private static void MarkContext(Example example, Span<bool> allowed)
    {
        ReadOnlySpan<bool> special = example.Special.Span;
        ReadOnlySpan<int> types = example.TypeIds.Span;
        bool pair = types.Contains(1);
        for (int i = 0; i < allowed.Length; i++)
            allowed[i] = (special.IsEmpty || !special[i]) && (!pair || types[i] == 1);
    }

    private sealed record SpanBatch : Batch
    {
        public required TokenBatch Input { get; init; }

        public required ReadOnlyMemory<int> Starts { get; init; }

        public required ReadOnlyMemory<int> Ends { get; init; }

        public required bool[] Allowed { get; init; }

        public required AnswerKey?[] Keys { get; init; }
    }
}
