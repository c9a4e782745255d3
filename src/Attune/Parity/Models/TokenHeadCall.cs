using Attune.Nn.Contracts;
using Attune.Tensors;

namespace Attune.Parity.Models;

/// <summary>A head that scores classes for each row; its loss is the mean over the rows that have a label.</summary>
internal sealed class TokenHeadCall : IHeadCall
{
    private readonly ITokenHead _head;
    private readonly string _name;
    private readonly int[]? _labels;

    /// <summary>Prepares the call.</summary>
    /// <param name="head">The head.</param>
    /// <param name="name">What the reference calls its scores.</param>
    /// <param name="labels">A label for each cell of the padded array; null if there is no loss.</param>
    /// <param name="rows">Where the rows are.</param>
    public TokenHeadCall(ITokenHead head, string name, int[]? labels, PaddedRows rows)
    {
        (_head, _name, _labels) = (head, name, labels);
        ReadsPadding = labels is not null && Enumerable.Range(0, labels.Length).Any(cell => !rows.IsReal(cell) && labels[cell] != Labels.Ignore);
    }

    /// <inheritdoc/>
    public bool ReadsPadding { get; }

    /// <inheritdoc/>
    public Tensor? Run(Pass pass, BackboneOutput output, PaddedRows rows, CallOutputs outputs)
    {
        Tensor logits = _head.Logits(pass, output);
        // One score a token has no axis of its own in the reference.
        Tensor scores = _head.Kind == HeadKind.ReplacedToken ? logits.Reshape([logits.Shape[0]]) : logits;
        outputs.Add(_name, () => rows.Pad(scores));
        return _labels is null ? null : _head.Loss(pass, output, rows.Rows(_labels));
    }
}
