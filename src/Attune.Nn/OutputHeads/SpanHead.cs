using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Ops;

namespace Attune.Nn.OutputHeads;

/// <summary>Scores each row as the first and as the last token of an answer (BERT for SQuAD).</summary>
public sealed class SpanHead : Module, ISpanHead
{
    private readonly Linear _outputs;
    private readonly float _dropout;

    /// <summary>Declares the scorer.</summary>
    public SpanHead(int width, Initializer initializer, float dropout = 0)
    {
        _dropout = dropout;
        _outputs = Own("outputs", new Linear(width, 2, initializer));
    }

    /// <inheritdoc/>
    public HeadKind Kind => HeadKind.QuestionAnswering;

    /// <inheritdoc/>
    public (Tensor Start, Tensor End) Logits(Pass pass, BackboneOutput output)
    {
        Tensor logits = _outputs.Forward(pass.Tape, pass.Tape.Dropout(output.Hidden, _dropout));
        int rows = logits.Shape[0];
        return (pass.Tape.Slice(logits, 1, 0, 1).Reshape([rows]), pass.Tape.Slice(logits, 1, 1, 1).Reshape([rows]));
    }
}
