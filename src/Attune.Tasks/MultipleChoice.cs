using Attune.Nn.Contracts;
using Attune.Tasks.Metrics;
using Attune.Tensors;
using Attune.Tensors.Ops;
using Attune.Tensors.Random;

namespace Attune.Tasks;

/// <summary>Which of several continuations or answers fits (SWAG, RACE): each choice is scored on its own, the scores compete.</summary>
public sealed class MultipleChoice : ITask
{
    /// <inheritdoc/>
    public string Name => "multiple-choice";

    /// <inheritdoc/>
    public Capabilities Requires => Capabilities.Tokens;

    /// <inheritdoc/>
    public IReadOnlyList<HeadRequest> Heads { get; } = [new(HeadKind.MultipleChoice, Classes: 1)];

    /// <inheritdoc/>
    public IReadOnlyList<Setting> Settings => [];

    /// <inheritdoc/>
    public IMetrics NewMetrics() => new ChoiceMetrics();

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">An example has fewer than two choices, or its label is none of them.</exception>
    public Batch Collate(IReadOnlyList<Example> examples, RandomStream random, int firstIndex = 0)
    {
        int[] counts = new int[examples.Count];
        List<Example> choices = [];
        for (int s = 0; s < counts.Length; s++)
        {
            counts[s] = examples[s].Choices.Count;
            if (counts[s] < 2)
                throw new ArgumentException($"Example {s} of the batch has {counts[s]} choices; at least 2 are needed.", nameof(examples));
            choices.AddRange(examples[s].Choices);
        }
        var arrays = new BatchArrays();
        (Memory<int> labels, int known) = SequenceLabelBatch.LabelsOf(examples, example => example.Choices.Count, arrays);
        TokenBatch input = TokenBatch.Of(choices, arrays);
        return new ChoiceBatch
        {
            Input = input,
            Labels = labels,
            Groups = Segments.FromLengths(counts),
            Arrays = arrays,
            Examples = counts.Length,
            Tokens = input.Rows,
            Weight = known,
        };
    }

    /// <inheritdoc/>
    public Tensor Loss(Pass pass, Model model, Batch batch)
    {
        var choices = (ChoiceBatch)batch;
        BackboneOutput output = model.Forward(pass, choices.Input);
        return output.WithAuxiliaryLoss(pass, pass.Tape.CrossEntropy(Scores(pass, model, output, choices), choices.Labels, Labels.Ignore));
    }

    /// <inheritdoc/>
    public double Score(Pass pass, Model model, Batch batch, IMetrics metrics)
    {
        var choices = (ChoiceBatch)batch;
        Tensor scores = Scores(pass, model, model.Forward(pass, choices.Input), choices);
        ReadOnlySpan<int> labels = choices.Labels.Span;
        for (int s = 0; s < labels.Length; s++)
        {
            if (labels[s] != Labels.Ignore)
                ((ChoiceMetrics)metrics).Add(labels[s] == ClassAnswer.Best(Row(scores, choices.Groups, s)));
        }
        return pass.Tape.CrossEntropy(scores, choices.Labels, Labels.Ignore).Item;
    }

    /// <summary>The model's choice for each example of a batch.</summary>
    public static IReadOnlyList<ClassAnswer> Answer(Pass pass, Model model, Batch batch)
    {
        var choices = (ChoiceBatch)batch;
        Tensor scores = Scores(pass, model, model.Forward(pass, choices.Input), choices);
        return [.. Enumerable.Range(0, choices.Groups.Count).Select(s => ClassAnswer.Of(Row(scores, choices.Groups, s)))];
    }

    private static ReadOnlySpan<float> Row(Tensor scores, Segments groups, int s) =>
        scores.Span.Slice(s * groups.MaxLength, groups.Length(s));

    private static Tensor Scores(Pass pass, Model model, BackboneOutput output, ChoiceBatch batch)
    {
        Tensor logits = model.SequenceLogits(pass, HeadKind.MultipleChoice, output);
        return RaggedScores.Align(pass.Tape, logits, batch.Groups);
    }

    private sealed record ChoiceBatch : Batch
    {
        public required TokenBatch Input { get; init; }

        public required ReadOnlyMemory<int> Labels { get; init; }

        public override int Sequences => Input.Segments.Count;

        /// <summary>Which sequences are the choices of one example.</summary>
        public required Segments Groups { get; init; }
    }
}
