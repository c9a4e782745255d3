using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Nn.Mixers;

/// <summary>Multi-head attention from a decoder's rows to an encoder's (Vaswani et al. 2017, arXiv:1706.03762).</summary>
public sealed class CrossAttention : Module
{
    private readonly AttentionShape _shape;
    private readonly Linear _query;
    private readonly Linear _key;
    private readonly Linear _value;
    private readonly Linear _output;

    /// <summary>Declares the projections.</summary>
    public CrossAttention(AttentionShape shape)
    {
        _shape = shape;
        Linear Projection(int inputs) => new(inputs, shape.InnerWidth, shape.Initializer, shape.Bias, shape.Layout);
        _query = Own("query", Projection(shape.Width));
        _key = Own("key", Projection(shape.SourceWidth));
        _value = Own("value", Projection(shape.SourceWidth));
        _output = Own("output", new Linear(
            shape.InnerWidth, shape.Width, shape.OutputInitializer ?? shape.Initializer, shape.OutputBias, shape.Layout));
    }

    /// <summary>Lets rows <c>[rows, width]</c> read the source rows of their own sequence.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="x">The rows.</param>
    /// <param name="segments">Their sequences.</param>
    /// <param name="source">The source rows, <c>[source rows, source width]</c>.</param>
    /// <param name="sourceSegments">Their sequences, as many.</param>
    /// <param name="visible">Which source rows may be seen; empty is all.</param>
    public Tensor Mix(Pass pass, Tensor x, Segments segments, Tensor source, Segments sourceSegments, ReadOnlyMemory<bool> visible = default)
    {
        Tape tape = pass.Tape;
        Tensor mixed = AttentionCore.Run(
            pass, pass.Trace?.CrossAttentions,
            HeadsOf(_query.Forward(tape, x)), HeadsOf(_key.Forward(tape, source)), HeadsOf(_value.Forward(tape, source)),
            segments, sourceSegments, new AttentionOptions { Scale = _shape.ScoreScale, KeyMask = visible, Dropout = _shape.Dropout });
        return _output.Forward(tape, mixed);
    }

    private Heads HeadsOf(Tensor source) => new(source, 0, _shape.Heads, _shape.HeadWidth);
}
