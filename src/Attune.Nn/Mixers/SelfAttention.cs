using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Nn.Mixers;

/// <summary>The shape of a multi-head attention.</summary>
/// <param name="Width">The width of its input and output.</param>
/// <param name="Heads">The number of heads.</param>
public sealed record AttentionShape(int Width, int Heads)
{
    /// <summary>The width of one head; by default the heads divide the width.</summary>
    public int HeadWidth { get; init; } = Width / Heads;

    /// <summary>What scores are multiplied with; null is 1 / sqrt(head width).</summary>
    public float? Scale { get; init; }

    /// <summary>Dropout of the probabilities.</summary>
    public float Dropout { get; init; }

    /// <summary>Whether the projections have biases.</summary>
    public bool Bias { get; init; } = true;

    /// <summary>Whether the output projection has one.</summary>
    public bool OutputBias { get; init; } = true;

    /// <summary>Whether queries, keys and values come from one matrix (GPT), side by side.</summary>
    public bool Packed { get; init; }

    /// <summary>How weights are stored.</summary>
    public WeightLayout Layout { get; init; }

    /// <summary>How many positions back a query sees, itself included; null is all (GPT-Neo's local layers).</summary>
    public int? Window { get; init; }

    /// <summary>What the projections start from.</summary>
    public Initializer Initializer { get; init; } = Initializer.Normal(0.02f);

    /// <summary>What the output projection starts from; null is as the others.</summary>
    public Initializer? OutputInitializer { get; init; }

    /// <summary>The width of all heads together.</summary>
    public int InnerWidth => Heads * HeadWidth;
}

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

    /// <inheritdoc/>
    public Capabilities Directions => Capabilities.Bidirectional | Capabilities.Causal;

    /// <inheritdoc/>
    public Tensor Mix(Pass pass, Tensor x, MixerContext context)
    {
        Tape tape = pass.Tape;
        (Heads q, Heads k, Heads v) = Project(tape, x);
        var options = new AttentionOptions
        {
            Scale = _shape.Scale ?? 1 / MathF.Sqrt(_shape.HeadWidth),
            Causal = context.Causal,
            Window = _shape.Window,
            Bias = context.ScoreBias,
            Dropout = _shape.Dropout,
        };
        Tensor mixed;
        if (pass.Trace is { } trace)
        {
            (mixed, IReadOnlyList<Tensor> probabilities) = tape.AttentionWithProbabilities(q, k, v, context.Segments, context.Segments, options);
            trace.Attentions.Add(probabilities);
        }
        else
        {
            mixed = tape.Attention(q, k, v, context.Segments, context.Segments, options);
        }
        return _output.Forward(tape, mixed);
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
