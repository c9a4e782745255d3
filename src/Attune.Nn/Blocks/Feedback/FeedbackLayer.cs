using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Nn.Blocks.Feedback;

/// <summary>One layer of a Feedback Transformer: attention to remembered states, then a feed-forward, one step at a time.</summary>
internal sealed class FeedbackLayer : Module
{
    private readonly FeedbackShape _shape;
    private readonly Linear _query;
    private readonly Linear _key;
    private readonly Linear _value;
    private readonly Linear _output;
    private readonly Norm _attentionNorm;
    private readonly Norm _feedForwardNorm;
    private readonly FeedForward _feedForward;

    /// <summary>Declares the layer.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="first">The layer whose maps are shared, if they are.</param>
    public FeedbackLayer(FeedbackShape shape, FeedbackLayer? first)
    {
        _shape = shape;
        int width = shape.Width, inner = shape.AttentionWidth;
        Initializer uniform = Initializer.Uniform(1 / MathF.Sqrt(width));
        Linear Projection() => new(width, inner, uniform, bias: false);
        FeedbackLayer? shared = shape.SharedKeys ? first : null;
        _query = Own("query", Projection());
        _key = Own("key", shared?._key ?? Projection());
        _value = Own("value", shared?._value ?? Projection());
        _output = Own("output", new Linear(inner, width, shape.OutputInitializer(inner), bias: false));
        _attentionNorm = Own("attentionNorm", (shape.PreNorm ? shared?._attentionNorm : null) ?? new Norm(width, shape.Epsilon));
        _feedForwardNorm = Own("feedForwardNorm", new Norm(width, shape.Epsilon));
        _feedForward = Own("feedForward", new FeedForward(
            new Linear(width, shape.InnerWidth, uniform), new Linear(shape.InnerWidth, width, shape.OutputInitializer(shape.InnerWidth)),
            shape.Activation, shape.Dropout));
    }

    /// <summary>Keys and values of remembered states <c>[entries, width]</c>.</summary>
    public (Tensor Keys, Tensor Values) Remember(Tape tape, Tensor entries)
    {
        entries = Read(tape, entries);
        return (_key.Forward(tape, entries), _value.Forward(tape, entries));
    }

    /// <summary>Remembered states as the layer reads them: normalised where norms stand before sublayers.</summary>
    public Tensor Read(Tape tape, Tensor entries) => _shape.PreNorm ? _attentionNorm.Forward(tape, entries) : entries;

    /// <summary>Runs one step.</summary>
    /// <param name="tape">The tape.</param>
    /// <param name="x">The state of each sequence, <c>[sequences, width]</c>.</param>
    /// <param name="keys">The keys of each sequence's window, <c>[sequences * span, all heads]</c>, oldest first.</param>
    /// <param name="values">The values.</param>
    public Tensor Step(Tape tape, Tensor x, Tensor keys, Tensor values)
    {
        int sequences = x.Shape[0];
        Heads HeadsOf(Tensor source) => new(source, 0, _shape.Heads, _shape.HeadWidth);
        Tensor query = _query.Forward(tape, _shape.PreNorm ? _attentionNorm.Forward(tape, x) : x);
        Tensor mixed = _output.Forward(tape, tape.Attention(
            HeadsOf(query), HeadsOf(keys), HeadsOf(values), Segments.Equal(sequences, 1), Segments.Equal(sequences, _shape.Span),
            new AttentionOptions { Dropout = _shape.Dropout }));
        if (!_shape.PreNorm)
        {
            x = _attentionNorm.AddNorm(tape, mixed, x, 0);
            return _feedForwardNorm.AddNorm(tape, _feedForward.Forward(tape, x), x, 0);
        }
        (Tensor sum, Tensor normed) = _feedForwardNorm.AddThenNorm(tape, mixed, x, 0);
        return tape.Add(_feedForward.Forward(tape, normed), sum);
    }
}
