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
    private readonly AdaptiveSpan? _span;

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
        if (shape.AdaptiveSpan is { } span)
            _span = Own("span", new AdaptiveSpan(span, shape.Heads, shape.Span));
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
        Heads query = HeadsOf(_query.Forward(tape, x)), key = HeadsOf(keys), value = HeadsOf(window[1]);
        (Segments queries, Segments read) = (Segments.Equal(sequences, 1), Segments.Equal(sequences, _shape.Span));
        if (_span is null)
            return _output.Forward(tape, tape.Attention(query, key, value, queries, read, new AttentionOptions { Dropout = _shape.Dropout }));
        (_, Tensor weights) = tape.AttentionWithProbabilities(query, key, value, queries, read, new AttentionOptions());
        Tensor reached = tape.Dropout(_span.Apply(tape, weights.Reshape([sequences, _shape.Heads, 1, _shape.Span])), _shape.Dropout);
        Tensor values = tape.Permute(window[1].Reshape([sequences, _shape.Span, _shape.Heads, _shape.HeadWidth]), 0, 2, 1, 3);
        return _output.Forward(tape, tape.MatMul(reached, values).Reshape([sequences, _shape.AttentionWidth]));
    }

    /// <inheritdoc/>
    public Tensor? Cost(Tape tape) => _shape.AdaptiveSpan is { Penalty: > 0 } ? _span!.Cost(tape) : null;
}
