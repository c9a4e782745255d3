using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Nn.Blocks.Feedback;

/// <summary>Attention from a state to remembered ones, with a vector for each place added to the keys.</summary>
internal sealed class FeedbackAttention : Module, IFeedbackMixer
{
    private readonly FeedbackShape _shape;
    private readonly Linear _query;
    private readonly Linear _key;
    private readonly Linear _value;
    private readonly Linear _output;

    /// <summary>Declares the projections.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="shared">The attention whose maps to keys and values are shared; null if none.</param>
    public FeedbackAttention(FeedbackShape shape, FeedbackAttention? shared)
    {
        _shape = shape;
        int inner = shape.AttentionWidth;
        Linear Projection() => new(shape.Width, inner, Initializer.Uniform(1 / MathF.Sqrt(shape.Width)), bias: false);
        _query = Own("query", Projection());
        _key = Own("key", shared?._key ?? Projection());
        _value = Own("value", shared?._value ?? Projection());
        _output = Own("output", new Linear(inner, shape.Width, shape.OutputInitializer(inner), bias: false));
    }

    /// <inheritdoc/>
    public Tensor[] Remember(Tape tape, Tensor entries) => [_key.Forward(tape, entries), _value.Forward(tape, entries)];

    /// <inheritdoc/>
    public Tensor Read(Pass pass, Tensor x, Tensor[] window, Tensor? places)
    {
        Tape tape = pass.Tape;
        int sequences = x.Shape[0];
        Heads HeadsOf(Tensor source) => new(source, 0, _shape.Heads, _shape.HeadWidth);
        Tensor keys = places is null ? window[0] : tape.Add(window[0], places);
        return _output.Forward(tape, tape.Attention(
            HeadsOf(_query.Forward(tape, x)), HeadsOf(keys), HeadsOf(window[1]), Segments.Equal(sequences, 1), Segments.Equal(sequences, _shape.Span),
            new AttentionOptions { Dropout = _shape.Dropout }));
    }
}
