using Attune.Nn.Contracts;
using Attune.Nn.Mixers;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Nn.Blocks.Feedback;

/// <summary>One layer of a Feedback Transformer: attention to remembered states (or another mixer), then a feed-forward, one step at a time.</summary>
internal sealed class FeedbackLayer : Module
{
    private readonly FeedbackShape _shape;
    private IFeedbackMixer _mixer;
    private readonly Norm _attentionNorm;
    private readonly Norm _feedForwardNorm;
    private readonly FeedForward _feedForward;

    /// <summary>Declares the layer.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="first">The layer whose maps are shared, if they are.</param>
    public FeedbackLayer(FeedbackShape shape, FeedbackLayer? first)
    {
        _shape = shape;
        int width = shape.Width;
        Initializer uniform = Initializer.Uniform(1 / MathF.Sqrt(width));
        FeedbackLayer? shared = shape.SharedKeys ? first : null;
        _mixer = Own<IFeedbackMixer>("mixer", new FeedbackAttention(shape, shared?._mixer as FeedbackAttention));
        _attentionNorm = Own("attentionNorm", (shape.PreNorm ? shared?._attentionNorm : null) ?? new Norm(width, shape.Epsilon));
        _feedForwardNorm = Own("feedForwardNorm", new Norm(width, shape.Epsilon));
        _feedForward = Own("feedForward", new FeedForward(
            new Linear(width, shape.InnerWidth, uniform), new Linear(shape.InnerWidth, width, shape.OutputInitializer(shape.InnerWidth)),
            shape.Activation, shape.Dropout));
    }

    /// <summary>Puts another mixer in the place of attention.</summary>
    public void ReplaceMixer(MixerReplacement replacement) =>
        _mixer = Replace("mixer", new FeedbackMixing(replacement.For(_mixer, _shape.Width), _shape));

    /// <summary>What the layer adds to the loss; null if nothing.</summary>
    public Tensor? Cost(Tape tape) => _mixer.Cost(tape);

    /// <summary>What the layer keeps of remembered states <c>[entries, width]</c>.</summary>
    public Tensor[] Remember(Tape tape, Tensor entries) => _mixer.Remember(tape, Read(tape, entries));

    /// <summary>Remembered states as the layer reads them: normalised where norms stand before sublayers.</summary>
    public Tensor Read(Tape tape, Tensor entries) => _shape.PreNorm ? _attentionNorm.Forward(tape, entries) : entries;

    /// <summary>Runs one step.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="x">The state of each sequence, <c>[sequences, width]</c>.</param>
    /// <param name="window">What was kept of each sequence's window, <c>[sequences * span, ...]</c>, oldest first.</param>
    /// <param name="places">A vector for each place of the windows; null if places do not count.</param>
    public Tensor Step(Pass pass, Tensor x, Tensor[] window, Tensor? places)
    {
        Tape tape = pass.Tape;
        Tensor mixed = _mixer.Read(pass, Read(tape, x), window, places);
        if (!_shape.PreNorm)
        {
            x = _attentionNorm.AddNorm(tape, mixed, x, 0);
            return _feedForwardNorm.AddNorm(tape, _feedForward.Forward(tape, x), x, 0);
        }
        (Tensor sum, Tensor normed) = _feedForwardNorm.AddThenNorm(tape, mixed, x, 0);
        return tape.Add(_feedForward.Forward(tape, normed), sum);
    }
}
