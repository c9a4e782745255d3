using Attune.Nn.Contracts;
using Attune.Nn.Mixers;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Nn.Blocks;

/// <summary>Where a block's norms stand.</summary>
public enum NormPlacement
{
    /// <summary>After the residual sum: <c>norm(x + f(x))</c> (the original Transformer, BERT).</summary>
    After,

    /// <summary>Before the sublayer: <c>x + f(norm(x))</c> (GPT-2, T5, ViT).</summary>
    Before,

    /// <summary>On what is added: <c>x + norm(f(x))</c> (the equations of Tay et al. 2021).</summary>
    OnUpdate,
}

/// <summary>
/// One layer of a stack: a mixer, in decoders attention to the encoder, then a feed-forward, each inside a residual connection
/// with a norm.
/// </summary>
public sealed class Block : Module
{
    private ISequenceMixer _mixer;
    private readonly Norm _mixerNorm;
    private readonly IFeedForward _feedForward;
    private readonly Norm _feedForwardNorm;
    private readonly CrossAttention? _cross;
    private readonly Norm? _crossNorm;
    private readonly NormPlacement _placement;
    private readonly float _dropout;

    /// <summary>Puts a block together from its parts.</summary>
    /// <param name="mixer">Lets positions exchange information.</param>
    /// <param name="mixerNorm">The norm around it.</param>
    /// <param name="feedForward">Works on each position by itself.</param>
    /// <param name="feedForwardNorm">The norm around it.</param>
    /// <param name="placement">Where the norms stand.</param>
    /// <param name="dropout">The dropout of what is added to the residual.</param>
    public Block(
        ISequenceMixer mixer, Norm mixerNorm, IFeedForward feedForward, Norm feedForwardNorm, NormPlacement placement, float dropout)
    {
        _mixer = Own("mixer", mixer);
        _mixerNorm = Own("mixerNorm", mixerNorm);
        _feedForward = Own("feedForward", feedForward);
        _feedForwardNorm = Own("feedForwardNorm", feedForwardNorm);
        _placement = placement;
        _dropout = dropout;
    }

    /// <summary>Puts a decoder's block together from its parts.</summary>
    /// <param name="mixer">Lets positions exchange information.</param>
    /// <param name="mixerNorm">The norm around it.</param>
    /// <param name="cross">Reads the encoder's rows.</param>
    /// <param name="crossNorm">The norm around it.</param>
    /// <param name="feedForward">Works on each position by itself.</param>
    /// <param name="feedForwardNorm">The norm around it.</param>
    /// <param name="placement">Where the norms stand.</param>
    /// <param name="dropout">The dropout of what is added to the residual.</param>
    public Block(
        ISequenceMixer mixer, Norm mixerNorm, CrossAttention cross, Norm crossNorm, IFeedForward feedForward, Norm feedForwardNorm,
        NormPlacement placement, float dropout)
        : this(mixer, mixerNorm, feedForward, feedForwardNorm, placement, dropout)
    {
        _cross = Own("cross", cross);
        _crossNorm = Own("crossNorm", crossNorm);
    }

    /// <summary>Lets positions exchange information.</summary>
    internal ISequenceMixer Mixer => _mixer;

    /// <summary>Puts another mixer in the place of the block's own, which may be done until the block has run.</summary>
    public void ReplaceMixer(MixerReplacement replacement, int width) => _mixer = Replace("mixer", replacement.For(_mixer, width));

    /// <summary>Runs the block on rows <c>[rows, width]</c>.</summary>
    public Tensor Forward(Pass pass, Tensor x, MixerContext context)
    {
        Tape tape = pass.Tape;
        if (_placement == NormPlacement.After)
        {
            x = _mixerNorm.AddNorm(tape, _mixer.Mix(pass, x, context), x, _dropout);
            if (_cross is not null)
                x = _crossNorm!.AddNorm(tape, _cross.Mix(pass, x, context), x, _dropout);
            return _feedForwardNorm.AddNorm(tape, _feedForward.Forward(pass, x, context), x, _dropout);
        }
        if (_placement == NormPlacement.OnUpdate)
        {
            x = tape.AddDropout(_mixerNorm.Forward(tape, _mixer.Mix(pass, x, context)), x, _dropout);
            if (_cross is not null)
                x = tape.AddDropout(_crossNorm!.Forward(tape, _cross.Mix(pass, x, context)), x, _dropout);
            return tape.AddDropout(_feedForwardNorm.Forward(tape, _feedForward.Forward(pass, x, context)), x, _dropout);
        }
        // What was remembered is what the block got, before its norm.
        if (context.Memory is not null)
            context = context with { Memory = _mixerNorm.Forward(tape, context.Memory) };
        Tensor update = _mixer.Mix(pass, _mixerNorm.Forward(tape, x), context);
        if (_cross is not null)
        {
            (x, Tensor query) = _crossNorm!.AddThenNorm(tape, update, x, _dropout);
            update = _cross.Mix(pass, query, context);
        }
        (Tensor sum, Tensor normed) = _feedForwardNorm.AddThenNorm(tape, update, x, _dropout);
        return tape.AddDropout(_feedForward.Forward(pass, normed, context), sum, _dropout);
    }
}
