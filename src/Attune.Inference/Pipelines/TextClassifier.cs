using Attune.Nn.Contracts;
using Attune.Tensors;
using Attune.Tensors.Ops;

namespace Attune.Inference;

/// <summary>How likely a class is.</summary>
/// <param name="Label">The name of the class.</param>
/// <param name="Score">How likely it is, 0 to 1; the predicted number itself for a regression.</param>
public sealed record LabelScore(string Label, float Score);

/// <summary>The classes of a text.</summary>
/// <param name="Scores">All classes, the likeliest first.</param>
public sealed record Classification(IReadOnlyList<LabelScore> Scores)
{
    /// <summary>The likeliest class.</summary>
    public string Label => Scores[0].Label;

    /// <summary>How likely that is.</summary>
    public float Score => Scores[0].Score;
}

/// <summary>Sorts texts, or pairs of texts, into classes.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class TextClassifier
{
    private readonly InferenceModel _model;
    private readonly ISequenceHead _head;

    /// <summary>Makes the pipeline.</summary>
    /// <exception cref="InvalidOperationException">The model has no sequence classification head.</exception>
    public TextClassifier(InferenceModel model)
    {
        _model = model;
        _head = model.Head<ISequenceHead>(HeadKind.SequenceClassification);
    }

    /// <summary>Classifies one text, or a pair.</summary>
    /// <exception cref="ArgumentException">The text is too long.</exception>
    public Classification Classify(string text, string? pair = null) => Classify([(text, pair)])[0];

    /// <summary>Classifies several texts.</summary>
    /// <exception cref="ArgumentException">A text is too long.</exception>
    public IReadOnlyList<Classification> Classify(IReadOnlyList<string> texts) => Classify([.. texts.Select(text => (text, (string?)null))]);

    /// <summary>Classifies several texts or pairs.</summary>
    /// <exception cref="ArgumentException">A text is too long.</exception>
    public IReadOnlyList<Classification> Classify(IReadOnlyList<(string Text, string? Pair)> texts)
    {
        var answers = new Classification[texts.Count];
        _model.Run([.. texts.Select(text => _model.Encode(text.Text, text.Pair))], (pass, output, first) =>
        {
            Tensor logits = _head.Logits(pass, output);
            // A single output is a number that was fitted, not one class among several.
            Tensor scores = logits.Shape.Width == 1 ? logits : pass.Tape.Softmax(logits);
            for (int i = 0; i < scores.Shape[0]; i++)
            {
                ReadOnlySpan<float> row = scores.DetachedRows(i, 1).Span;
                answers[first + i] = new Classification(
                    [.. TopValues.Of(row, row.Length).Select(best => new LabelScore(_model.LabelOf(best.Index), best.Value))]);
            }
        });
        return answers;
    }
}
