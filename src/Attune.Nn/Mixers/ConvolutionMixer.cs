using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Decoding;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Nn.Mixers;

/// <summary>The maps around a convolution; an absent one is left out.</summary>
public sealed record ConvolutionProjections
{
    /// <summary>From the model's rows to the convolved ones; with <see cref="Glu"/> twice as wide.</summary>
    public Linear? Input { get; init; }

    /// <summary>Whether the second half of the input map's output gates the first through a sigmoid (gated linear unit).</summary>
    public bool Glu { get; init; }

    /// <summary>A map of its own whose sigmoid gates the input map's output.</summary>
    public Linear? Gate { get; init; }

    /// <summary>Mixes the channels right after the convolution.</summary>
    public Linear? Pointwise { get; init; }

    /// <summary>Back to the model's rows.</summary>
    public Linear? Output { get; init; }
}

/// <summary>
/// A convolution in place of self-attention: input projection with a gate, convolution, output projection (Wu et al. 2019,
/// arXiv:1901.10430; Tay et al. 2021, arXiv:2105.03322). Time and memory are linear in the length.
/// </summary>
public sealed class ConvolutionMixer : Module, ISequenceMixer
{
    private readonly ISequenceConvolution _convolution;
    private readonly ConvolutionProjections _maps;

    /// <summary>Puts the mixer together.</summary>
    public ConvolutionMixer(ISequenceConvolution convolution, ConvolutionProjections? projections = null)
    {
        _maps = projections ?? new ConvolutionProjections();
        if (_maps.Input is not null)
            Own("input", _maps.Input);
        if (_maps.Gate is not null)
            Own("gate", _maps.Gate);
        _convolution = Own("convolution", convolution);
        if (_maps.Pointwise is not null)
            Own("pointwise", _maps.Pointwise);
        if (_maps.Output is not null)
            Own("output", _maps.Output);
    }

    /// <inheritdoc/>
    public Capabilities Capabilities => Capabilities.Bidirectional | Capabilities.Causal | Capabilities.Memory;

    /// <inheritdoc/>
    public Tensor Mix(Pass pass, Tensor x, MixerContext context)
    {
        if (context.Memory is not null)
        {
            ConvolutionWindow window = _convolution.Window(context.Causal);
            return LeftContext.Mix(pass, x, context, window.Left * window.Dilation, Mix);
        }
        Tape tape = pass.Tape;
        Tensor inner = _maps.Input?.Forward(tape, x) ?? x;
        if (_maps.Glu)
            inner = tape.Glu(inner);
        if (_maps.Gate is not null)
            inner = tape.Multiply(inner, _maps.Gate.Forward(tape, x, Activation.Sigmoid));
        inner = Convolve(tape, HiddenRows.Hide(tape, inner, context.KeyMask), context);
        if (_maps.Pointwise is not null)
            inner = _maps.Pointwise.Forward(tape, inner);
        return _maps.Output?.Forward(tape, inner) ?? inner;
    }

    private Tensor Convolve(Tape tape, Tensor x, MixerContext context)
    {
        if (context.State is not KeyValueCache cache)
            return _convolution.Convolve(tape, x, context.Segments, context.Causal);
        ConvolutionWindow window = _convolution.Window(context.Causal);
        (Tensor rows, Segments segments, int[] recent) = cache.Extend(tape, context.Block, x, context.Segments, window.Left * window.Dilation);
        return tape.GatherRows(_convolution.Convolve(tape, rows, segments, context.Causal, stepwise: true), recent);
    }
}
