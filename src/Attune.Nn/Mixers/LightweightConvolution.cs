using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Nn.Mixers;

/// <summary>
/// A convolution with learned kernels that channels share, each normalised by a softmax over its taps (Wu et al. 2019,
/// arXiv:1901.10430). With a kernel for each channel and no softmax it is a depthwise convolution; with gaps between the taps a dilated one.
/// </summary>
public sealed class LightweightConvolution : Module, ISequenceConvolution
{
    private readonly ConvolutionShape _shape;
    private readonly Parameter _kernel;
    private readonly Parameter? _bias;

    /// <summary>Declares the kernels, <c>[heads, taps]</c>.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="middleAxis">Whether files hold the kernels as <c>[heads, 1, taps]</c>, as for a grouped convolution.</param>
    public LightweightConvolution(ConvolutionShape shape, bool middleAxis = false)
    {
        _shape = shape;
        Shape extents = middleAxis ? [shape.Heads, 1, shape.Taps] : [shape.Heads, shape.Taps];
        _kernel = Own("kernel", extents, shape.Initializer ?? Initializer.Glorot(shape.Taps, shape.Heads), ParameterRole.Weight);
        if (shape.Bias)
            _bias = Own("bias", [shape.Channels], Initializer.Zeros, ParameterRole.Bias);
    }

    /// <inheritdoc/>
    public ConvolutionWindow Window(bool causal) => _shape.Window(causal);

    /// <inheritdoc/>
    public Tensor Convolve(Tape tape, Tensor x, Segments segments, bool causal, bool stepwise = false)
    {
        Tensor kernel = _kernel.Value.Reshape([_shape.Heads, _shape.Taps]);
        if (_shape.Softmax)
            kernel = tape.Softmax(kernel);
        return tape.SequenceConvolution(x, tape.Dropout(kernel, _shape.KernelDropout), _bias?.Value, segments, Window(causal));
    }
}
