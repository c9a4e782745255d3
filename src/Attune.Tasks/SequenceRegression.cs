using Attune.Nn.Contracts;
using Attune.Tasks.Metrics;
using Attune.Tensors;
using Attune.Tensors.Ops;
using Attune.Tensors.Random;

namespace Attune.Tasks;

/// <summary>A number for a text or pair of texts, such as the similarity of two sentences; trained on the squared error.</summary>
public sealed class SequenceRegression : ITask
{
    /// <inheritdoc/>
    public string Name => "sequence-regression";

    /// <inheritdoc/>
    public Capabilities Requires => Capabilities.Tokens;

    /// <inheritdoc/>
    public IReadOnlyList<HeadRequest> Heads { get; } = [new(HeadKind.SequenceClassification, Classes: 1)];

    /// <inheritdoc/>
    public IReadOnlyList<Setting> Settings => [];

    /// <inheritdoc/>
    public bool IsMeanOverLabels => true;

    /// <inheritdoc/>
    public IMetrics NewMetrics() => new RegressionMetrics();

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A value is not finite, or an example has no tokens.</exception>
    public Batch Collate(IReadOnlyList<Example> examples, RandomStream random, int firstIndex = 0)
    {
        var arrays = new BatchArrays();
        TokenBatch input = TokenBatch.Of(examples, arrays);
        float[] values = new float[examples.Count];
        for (int s = 0; s < values.Length; s++)
        {
            values[s] = float.IsFinite(examples[s].Value)
                ? examples[s].Value
                : throw new ArgumentException($"Example {s} of the batch has the value {examples[s].Value}, which cannot be learned.", nameof(examples));
        }
        return new ValueBatch
        {
            Input = input,
            Values = values,
            Arrays = arrays,
            Examples = values.Length,
            Tokens = input.Rows,
            Weight = values.Length,
        };
    }

    /// <inheritdoc/>
    public Tensor Loss(Pass pass, Model model, Batch batch)
    {
        var sequences = (ValueBatch)batch;
        BackboneOutput output = model.Forward(pass, sequences.Input);
        return output.WithAuxiliaryLoss(pass, SquaredError(pass, Predictions(pass, model, output), sequences.Values));
    }

    /// <inheritdoc/>
    public double Score(Pass pass, Model model, Batch batch, IMetrics metrics)
    {
        var sequences = (ValueBatch)batch;
        Tensor predictions = Predictions(pass, model, model.Forward(pass, sequences.Input));
        for (int s = 0; s < sequences.Values.Length; s++)
            ((RegressionMetrics)metrics).Add(sequences.Values[s], predictions.Span[s]);
        return SquaredError(pass, predictions, sequences.Values).Item;
    }

    /// <summary>The model's number for each sequence.</summary>
    public static float[] Answer(Pass pass, Model model, TokenBatch input) => Predictions(pass, model, model.Forward(pass, input)).ToArray();

    private static Tensor SquaredError(Pass pass, Tensor predictions, float[] values) =>
        pass.Tape.MeanSquaredError(predictions, Tensor.From([values.Length], values));

    private static Tensor Predictions(Pass pass, Model model, BackboneOutput output) =>
        model.SequenceLogits(pass, HeadKind.SequenceClassification, output).Reshape([output.Batch.Segments.Count]);

    private sealed record ValueBatch : Batch
    {
        public required TokenBatch Input { get; init; }

        public required float[] Values { get; init; }
    }
}
