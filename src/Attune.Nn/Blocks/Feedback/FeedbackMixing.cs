using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;

namespace Attune.Nn.Blocks.Feedback;

/// <summary>Any causal mixer in place of the attention: every step is a sequence of one row, and what is remembered stands before it.</summary>
internal sealed class FeedbackMixing : Module, IFeedbackMixer
{
    private readonly ISequenceMixer _mixer;
    private readonly FeedbackShape _shape;

    /// <summary>Puts a mixer in a layer.</summary>
    public FeedbackMixing(ISequenceMixer mixer, FeedbackShape shape)
    {
        _shape = shape;
        _mixer = Own("replaced", mixer);
    }

    /// <inheritdoc/>
    public Tensor[] Remember(Tape tape, Tensor entries) => [entries];

    /// <inheritdoc/>
    public Tensor Read(Pass pass, Tensor x, Tensor[] window, Tensor? places)
    {
        int sequences = x.Shape[0];
        // A trace would hold a map for each step and layer.
        return _mixer.Mix(pass with { Trace = null }, x, new MixerContext(Segments.Equal(sequences, 1))
        {
            Causal = true,
            Memory = window[0],
            MemorySegments = Segments.Equal(sequences, _shape.Span),
        });
    }
}
