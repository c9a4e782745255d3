using System.Runtime.InteropServices;
using Attune.Nn.Contracts;
using Attune.Tasks.Metrics;
using Attune.Tensors;
using Attune.Tensors.Ops;
using Attune.Tensors.Random;

namespace Attune.Tasks;

/// <summary>A class for each token: named entities, parts of speech. Tokens without a label (continuations of a word) are not counted.</summary>
/// <param name="tags">The names of the classes, such as <c>O</c>, <c>B-PER</c>, <c>I-PER</c>.</param>
public sealed class TokenClassification(IReadOnlyList<string> tags) : ITask
{
    /// <inheritdoc/>
    public string Name => "token-classification";

    /// <inheritdoc/>
    public Capabilities Requires => Capabilities.Tokens;

    /// <inheritdoc/>
    public IReadOnlyList<HeadRequest> Heads { get; } = [new(HeadKind.TokenClassification, tags.Count)];

    /// <inheritdoc/>
    public IReadOnlyList<Setting> Settings => [Setting.Of("labels", string.Join(' ', tags))];

    /// <inheritdoc/>
    public bool IsMeanOverLabels => true;

    /// <inheritdoc/>
    public IMetrics NewMetrics() => new EntityMetrics(tags);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">An example has not one label a token, or a label out of range.</exception>
    public Batch Collate(IReadOnlyList<Example> examples, RandomStream random, int firstIndex = 0)
    {
        var arrays = new BatchArrays();
        TokenBatch input = TokenBatch.Of(examples, arrays);
        Memory<int> labels = arrays.Ints(input.Rows);
        for (int s = 0; s < examples.Count; s++)
        {
            ReadOnlyMemory<int> own = examples[s].TokenLabels;
            if (own.Length != examples[s].Ids.Length)
                throw new ArgumentException($"Example {s} of the batch has {examples[s].Ids.Length} tokens but {own.Length} token labels.", nameof(examples));
            foreach (int label in own.Span)
            {
                if (label != Labels.Ignore && (uint)label >= (uint)tags.Count)
                    throw new ArgumentException($"Example {s} of the batch has the token label {label}; labels are 0 to {tags.Count - 1}.", nameof(examples));
            }
            own.CopyTo(labels[input.Segments.Start(s)..]);
        }
        return LabelledTokenBatch.Of(input, labels, arrays);
    }

    /// <inheritdoc/>
    public Tensor Loss(Pass pass, Model model, Batch batch)
    {
        var tokens = (LabelledTokenBatch)batch;
        BackboneOutput output = model.Forward(pass, tokens.Input);
        return output.WithAuxiliaryLoss(pass, Head(model).Loss(pass, output, tokens.Labels));
    }

    /// <inheritdoc/>
    public double Score(Pass pass, Model model, Batch batch, IMetrics metrics)
    {
        var tokens = (LabelledTokenBatch)batch;
        Tensor logits = Head(model).Logits(pass, model.Forward(pass, tokens.Input));
        List<int> truth = [], answer = [];
        for (int s = 0; s < tokens.Input.Segments.Count; s++)
        {
            truth.Clear();
            answer.Clear();
            for (int row = tokens.Input.Segments.Start(s); row < tokens.Input.Segments.Start(s + 1); row++)
            {
                int label = tokens.Labels.Span[row];
                if (label == Labels.Ignore)
                    continue;
                truth.Add(label);
                answer.Add(ClassAnswer.Best(logits.Span.Slice(row * tags.Count, tags.Count)));
            }
            ((EntityMetrics)metrics).Add(CollectionsMarshal.AsSpan(truth), CollectionsMarshal.AsSpan(answer));
        }
        return pass.Tape.CrossEntropy(logits, tokens.Labels, Labels.Ignore).Item;
    }

    /// <summary>The model's answer for each row of the batch.</summary>
    public IReadOnlyList<ClassAnswer> Answer(Pass pass, Model model, TokenBatch input)
    {
        Tensor logits = Head(model).Logits(pass, model.Forward(pass, input));
        var answers = new ClassAnswer[input.Rows];
        for (int row = 0; row < answers.Length; row++)
            answers[row] = ClassAnswer.Of(logits.Span.Slice(row * tags.Count, tags.Count));
        return answers;
    }

    private static ITokenHead Head(Model model) => model.Head<ITokenHead>(HeadKind.TokenClassification);
}
