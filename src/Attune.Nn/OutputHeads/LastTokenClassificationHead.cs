using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Ops;

namespace Attune.Nn.OutputHeads;

/// <summary>A linear classifier of the last token of each sequence that is not padding (GPT).</summary>
public sealed class LastTokenClassificationHead : Module, ISequenceHead
{
    private readonly Linear _score;
    private readonly int? _paddingId;

    /// <summary>Declares the classifier.</summary>
    /// <param name="width">The backbone's width.</param>
    /// <param name="classes">The number of classes.</param>
    /// <param name="paddingId">The token to be passed over at the end; null if there is none.</param>
    /// <param name="initializer">What the weight starts from.</param>
    public LastTokenClassificationHead(int width, int classes, int? paddingId, Initializer initializer)
    {
        _paddingId = paddingId;
        _score = Own("score", new Linear(width, classes, initializer, bias: false));
    }

    /// <inheritdoc/>
    public HeadKind Kind => HeadKind.SequenceClassification;

    /// <inheritdoc/>
    public Tensor Logits(Pass pass, BackboneOutput output)
    {
        Segments segments = output.Batch.Segments;
        ReadOnlySpan<int> ids = output.Batch.Ids.Span;
        int[] rows = new int[segments.Count];
        for (int s = 0; s < rows.Length; s++)
        {
            int row = segments.Start(s) + segments.Length(s) - 1;
            while (!ids.IsEmpty && row > segments.Start(s) && ids[row] == _paddingId)
                row--;
            rows[s] = row;
        }
        return _score.Forward(pass.Tape, pass.Tape.GatherRows(output.Hidden, rows));
    }
}
