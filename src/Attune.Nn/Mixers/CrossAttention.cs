using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Decoding;
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
    /// <param name="context">Their sequences, and the encoder's output <c>[source rows, source width]</c>.</param>
    public Tensor Mix(Pass pass, Tensor x, MixerContext context)
    {
        BackboneOutput source = context.Source ?? throw new InvalidOperationException("A decoder block needs the encoder's output.");
        Tape tape = pass.Tape;
        Segments sources = source.Batch.Segments;
        var options = new AttentionOptions { Scale = _shape.ScoreScale, KeyMask = source.Batch.KeyMask ?? default, Dropout = _shape.Dropout };
        Heads query = HeadsOf(_query.Forward(tape, x));
        (Heads Keys, Heads Values) Project() => (HeadsOf(_key.Forward(tape, source.Hidden)), HeadsOf(_value.Forward(tape, source.Hidden)));
        if (context.State is KeyValueCache cache)
            return _output.Forward(tape, cache.AttendSource(tape, context.Block, query, context.Segments, Project, sources, options));
        (Heads keys, Heads values) = Project();
        return _output.Forward(tape, AttentionCore.Run(pass, pass.Trace?.CrossAttentions, query, keys, values, context.Segments, sources, options));
    }

    private Heads HeadsOf(Tensor source) => new(source, 0, _shape.Heads, _shape.HeadWidth);
}
