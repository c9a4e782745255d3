using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Decoding;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Nn.Mixers;

/// <summary>Multi-head scaled dot-product self-attention (Vaswani et al. 2017, arXiv:1706.03762).</summary>
public sealed class SelfAttention : Module, ISequenceMixer
{
    private readonly AttentionShape _shape;
    private readonly Linear? _packed;
    private readonly Linear? _query;
    private readonly Linear? _key;
    private readonly Linear? _value;
    private readonly Linear _output;

    /// <summary>Declares the projections.</summary>
    public SelfAttention(AttentionShape shape)
    {
        _shape = shape;
        Linear Projection(int outputs) => new(shape.Width, outputs, shape.Initializer, shape.Bias, shape.Layout);
        if (shape.Packed)
        {
            _packed = Own("packed", Projection(3 * shape.InnerWidth));
        }
        else
        {
            _query = Own("query", Projection(shape.InnerWidth));
            _key = Own("key", Projection(shape.InnerWidth));
            _value = Own("value", Projection(shape.InnerWidth));
        }
        _output = Own("output", new Linear(
            shape.InnerWidth, shape.Width, shape.OutputInitializer ?? shape.Initializer, shape.OutputBias, shape.Layout));
    }

    /// <summary>Its shape.</summary>
    public AttentionShape Shape => _shape;

    /// <inheritdoc/>
    public Capabilities Capabilities =>
        Capabilities.Bidirectional | Capabilities.Causal | Capabilities.FreeMask | Capabilities.TwoStream | Capabilities.Unordered;

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">The context has both a mask of pairs and a state.</exception>
    public Tensor Mix(Pass pass, Tensor x, MixerContext context)
    {
        if (context.Memory is not null)
            return LeftContext.Mix(pass, x, context, _shape.Window - 1, Mix);
        if (context is { PairMask: not null, State: not null })
            throw new NotSupportedException("Rows that are decoded step by step cannot be masked pair by pair: a mask says nothing of earlier rows.");
        Tape tape = pass.Tape;
        (Heads q, Heads k, Heads v) = Project(tape, x);
        var options = new AttentionOptions
        {
            Scale = _shape.ScoreScale,
            Causal = context.Causal && context.PairMask is null,
            Window = _shape.Window,
            Bias = context.PairMask?.Bias(_shape.Heads, context.ScoreBias) ?? context.ScoreBias,
            KeyMask = context.KeyMask,
            UniformQueries = context.UniformRows,
            Dropout = _shape.Dropout,
        };
        Tensor mixed = context.State is KeyValueCache cache
            ? cache.Attend(tape, context.Block, q, k, v, context.Segments, options, context.StepBiases)
            : AttentionCore.Run(pass, pass.Trace?.Attentions, q, k, v, context.Segments, context.Segments, options);
        if (pass.HeadGates is { } gates)
            mixed = Gated(tape, mixed, gates[context.Block], context.Segments);
        return _output.Forward(tape, mixed);
    }

    private Tensor Gated(Tape tape, Tensor mixed, Tensor gates, Segments segments)
    {
        Tensor heads = mixed.Reshape([mixed.Shape[0], _shape.Heads, _shape.HeadWidth]);
        if (gates.Shape.Rank == 1)
            return tape.Multiply(heads, gates.Reshape([_shape.Heads, 1])).Reshape(mixed.Shape);
        int[] sequences = new int[segments.Rows];
        for (int s = 0; s < segments.Count; s++)
            sequences.AsSpan(segments.Start(s), segments.Length(s)).Fill(s);
        return tape.Multiply(heads, tape.GatherRows(gates, sequences).Reshape([segments.Rows, _shape.Heads, 1])).Reshape(mixed.Shape);
    }

    private (Heads Query, Heads Key, Heads Value) Project(Tape tape, Tensor x)
    {
        int inner = _shape.InnerWidth;
        if (_packed is not null)
        {
            Tensor packed = _packed.Forward(tape, x);
            return (HeadsOf(packed, 0), HeadsOf(packed, inner), HeadsOf(packed, 2 * inner));
        }
        return (HeadsOf(_query!.Forward(tape, x), 0), HeadsOf(_key!.Forward(tape, x), 0), HeadsOf(_value!.Forward(tape, x), 0));
    }

    private Heads HeadsOf(Tensor source, int column) => new(source, column, _shape.Heads, _shape.HeadWidth);
}
