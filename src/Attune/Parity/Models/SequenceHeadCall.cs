using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Tensors;
using Attune.Tensors.Ops;

namespace Attune.Parity.Models;

/// <summary>A head that scores classes, or gives numbers, for each sequence.</summary>
/// <param name="head">The head.</param>
/// <param name="names">What references call its scores.</param>
/// <param name="labels">What they should be; null if there is no loss.</param>
/// <param name="readsPadding">Whether the reference's head reads padding.</param>
internal sealed class SequenceHeadCall(ISequenceHead head, IReadOnlyList<string> names, SequenceLabels? labels, bool readsPadding = false) : IHeadCall
{
    /// <inheritdoc/>
    public bool ReadsPadding => readsPadding;

    /// <inheritdoc/>
    public Tensor? Run(Pass pass, BackboneOutput output, PaddedRows rows, CallOutputs outputs)
    {
        Tensor logits = head.Logits(pass, output);
        foreach (string name in names)
            outputs.Add(name, logits);
        return labels?.Loss(pass, logits);
    }
}

/// <summary>A head that scores each choice of an example by itself: <c>[examples, choices]</c> in the reference's layout.</summary>
/// <param name="head">The head.</param>
/// <param name="choices">The choices an example has.</param>
/// <param name="labels">The right choice of each example; null if there is no loss.</param>
/// <param name="readsPadding">Whether the reference's head reads padding.</param>
internal sealed class MultipleChoiceCall(ISequenceHead head, int choices, int[]? labels, bool readsPadding = false) : IHeadCall
{
    /// <inheritdoc/>
    public bool ReadsPadding => readsPadding;

    /// <inheritdoc/>
    public Tensor? Run(Pass pass, BackboneOutput output, PaddedRows rows, CallOutputs outputs)
    {
        Tensor logits = head.Logits(pass, output);
        logits = logits.Reshape([checked((int)logits.Count) / choices, choices]);
        outputs.Add("logits", logits);
        return labels is null ? null : pass.Tape.CrossEntropy(logits, labels);
    }
}

/// <summary>The labels of sequences: a class of each, some classes of each, or numbers.</summary>
internal sealed class SequenceLabels
{
    private readonly int[]? _classes;
    private readonly float[]? _numbers;
    private readonly bool _several;

    private SequenceLabels(int[]? classes, float[]? numbers, bool several) => (_classes, _numbers, _several) = (classes, numbers, several);

    /// <summary>One class a sequence.</summary>
    public static SequenceLabels? OfClasses(StoredTensor? labels) => labels is null ? null : new SequenceLabels(labels.ToInt32(), null, false);

    /// <summary>
    /// What kind of labels these are: as the configuration's <c>problem_type</c> says or, without one, numbers if there is one label
    /// name, one class if they are whole numbers, several classes otherwise.
    /// </summary>
    public static SequenceLabels? Read(StoredTensor? labels, JsonFields config)
    {
        if (labels is null)
            return null;
        bool whole = labels.DType is not (DType.F64 or DType.F32 or DType.F16 or DType.BF16);
        string problem = config.StringOrNull("problem_type")
            ?? (Backbones.Folders.ModelFolder.LabelNames(config) is { Count: 1 } ? "regression"
                : whole ? "single_label_classification" : "multi_label_classification");
        return problem switch
        {
            "single_label_classification" => OfClasses(labels),
            "regression" => new SequenceLabels(null, TokenArguments.Numbers(labels), false),
            "multi_label_classification" => new SequenceLabels(null, labels.ToFloat32(), true),
            _ => throw config.Error("problem_type", "regression, single_label_classification or multi_label_classification"),
        };
    }

    /// <summary>The loss: cross-entropy, squared error, or binary cross-entropy, each a mean.</summary>
    public Tensor Loss(Pass pass, Tensor logits)
    {
        if (_classes is not null)
            return pass.Tape.CrossEntropy(logits, _classes);
        Tensor targets = Tensor.From(logits.Shape, _numbers);
        return _several ? pass.Tape.BinaryCrossEntropyWithLogits(logits, targets) : pass.Tape.MeanSquaredError(logits, targets);
    }
}
