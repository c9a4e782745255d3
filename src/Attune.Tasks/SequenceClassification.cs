using Attune.Nn.Contracts;
using Attune.Tasks.Metrics;
using Attune.Tensors;
using Attune.Tensors.Ops;
using Attune.Tensors.Random;

namespace Attune.Tasks;

/// <summary>Classes for texts or pairs of texts: sentiment, topics, entailment, acceptability.</summary>
/// <param name="classes">The number of classes, at least 2.</param>
public sealed class SequenceClassification(int classes) : ITask
{
    /// <inheritdoc/>
    public string Name => "sequence-classification";

    /// <summary>The figure that decides which model is better; see <see cref="ClassificationMetrics"/>.</summary>
    public string MainFigure { get; init; } = ClassificationMetrics.Accuracy;

    /// <summary>The share of the target that is spread over all classes in training.</summary>
    public float Smoothing { get; init; }

    /// <inheritdoc/>
    public Capabilities Requires => Capabilities.Tokens;

    /// <inheritdoc/>
    public IReadOnlyList<HeadRequest> Heads { get; } = [new(HeadKind.SequenceClassification, classes)];

    /// <inheritdoc/>
    public IReadOnlyList<Setting> Settings => [Setting.Of("smoothing", Smoothing)];

    /// <inheritdoc/>
    public bool IsMeanOverLabels => true;

    /// <inheritdoc/>
    public IMetrics NewMetrics() => new ClassificationMetrics(classes, MainFigure);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A class is out of range, or an example has no tokens.</exception>
    public Batch Collate(IReadOnlyList<Example> examples, RandomStream random, int firstIndex = 0)
    {
        var arrays = new BatchArrays();
        (Memory<int> labels, int known) = SequenceLabelBatch.LabelsOf(examples, _ => classes, arrays);
        TokenBatch input = TokenBatch.Of(examples, arrays);
        return new SequenceLabelBatch
        {
            Input = input,
            Labels = labels,
            Arrays = arrays,
            Examples = examples.Count,
            Tokens = input.Rows,
            Weight = known,
        };
    }

    /// <inheritdoc/>
    public Tensor Loss(Pass pass, Model model, Batch batch)
    {
        var sequences = (SequenceLabelBatch)batch;
        BackboneOutput output = model.Forward(pass, sequences.Input);
        return output.WithAuxiliaryLoss(pass, pass.Tape.CrossEntropy(Logits(pass, model, output), sequences.Labels, Labels.Ignore, Smoothing));
    }

    /// <inheritdoc/>
    public double Score(Pass pass, Model model, Batch batch, IMetrics metrics)
    {
        var sequences = (SequenceLabelBatch)batch;
        Tensor logits = Logits(pass, model, model.Forward(pass, sequences.Input));
        ReadOnlySpan<int> labels = sequences.Labels.Span;
        for (int s = 0; s < labels.Length; s++)
        {
            if (labels[s] != Labels.Ignore)
                ((ClassificationMetrics)metrics).Add(labels[s], ClassAnswer.Best(logits.Span.Slice(s * classes, classes)));
        }
        return pass.Tape.CrossEntropy(logits, sequences.Labels, Labels.Ignore).Item;
    }

    /// <summary>The model's answer for each sequence.</summary>
    public IReadOnlyList<ClassAnswer> Answer(Pass pass, Model model, TokenBatch input)
    {
        Tensor logits = Logits(pass, model, model.Forward(pass, input));
        var answers = new ClassAnswer[input.Segments.Count];
        for (int s = 0; s < answers.Length; s++)
            answers[s] = ClassAnswer.Of(logits.Span.Slice(s * classes, classes));
        return answers;
    }

    private static Tensor Logits(Pass pass, Model model, BackboneOutput output) =>
        model.SequenceLogits(pass, HeadKind.SequenceClassification, output);
}
