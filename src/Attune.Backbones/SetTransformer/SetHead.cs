using Attune.Nn.Blocks.Sets;
using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Ops;

namespace Attune.Backbones.SetTransformer;

/// <summary>Answers for whole sets: pooled by attention, or by the mean of the elements.</summary>
internal sealed class SetHead : Module, ISequenceHead
{
    private readonly SetStack? _decoder;
    private readonly ISetBlock _answer;
    private readonly int _outputs;

    /// <summary>Puts the head together.</summary>
    /// <param name="decoder">Pools and works on what it pooled; null is the mean.</param>
    /// <param name="answer">From pooled rows to answers.</param>
    /// <param name="outputs">The answers for each set.</param>
    public SetHead(SetStack? decoder, Module answer, int outputs)
    {
        _decoder = decoder is null ? null : Own("decoder", decoder);
        _answer = (ISetBlock)Own("answer", answer);
        _outputs = outputs;
    }

    /// <inheritdoc/>
    public HeadKind Kind => HeadKind.SequenceClassification;

    /// <summary>The answers for each set.</summary>
    public int Outputs => _outputs;

    /// <inheritdoc/>
    public Tensor Logits(Pass pass, BackboneOutput output)
    {
        Segments sets = output.Batch.Segments;
        (Tensor rows, Segments pooled) = _decoder?.Forward(pass, output.Hidden, sets)
            ?? (pass.Tape.SegmentMean(output.Hidden, sets), Segments.Equal(sets.Count, 1));
        (Tensor answers, _) = _answer.Forward(pass, rows, pooled);
        return answers.Reshape([sets.Count, checked((int)answers.Count) / sets.Count]);
    }
}
