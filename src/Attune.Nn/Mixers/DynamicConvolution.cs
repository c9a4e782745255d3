using Attune.Nn.Blocks;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Nn.Mixers;

/// <summary>What a dynamic convolution may have besides its <see cref="ConvolutionShape"/>.</summary>
public sealed record DynamicKernelOptions
{
    /// <summary>Whether the map that predicts the kernels has a bias.</summary>
    public bool PredictorBias { get; init; }

    /// <summary>The width of the rows that kernels are predicted from; null is the convolution's channels.</summary>
    public int? QueryWidth { get; init; }

    /// <summary>Whether one map gives the convolved rows and, behind them, the kernels.</summary>
    public bool ProjectsInput { get; init; }

    /// <summary>Which taps share the softmax.</summary>
    public TapSelection Selection { get; init; }

    /// <summary>
    /// Whether files hold a bias for each channel that the computation never uses (published DynamicConv models); it is kept and never changed.
    /// </summary>
    public bool UnusedBias { get; init; }
}

/// <summary>A convolution whose kernels are predicted at every position from the row there (Wu et al. 2019, arXiv:1901.10430).</summary>
public sealed class DynamicConvolution : Module, ISequenceConvolution
{
    private readonly ConvolutionShape _shape;
    private readonly DynamicKernelOptions _options;
    private readonly Linear _predictor;
    private readonly Parameter? _bias;

    /// <summary>Declares the map that predicts kernels.</summary>
    public DynamicConvolution(ConvolutionShape shape, DynamicKernelOptions? options = null)
    {
        _shape = shape;
        _options = options ?? new DynamicKernelOptions();
        int inputs = _options.QueryWidth ?? shape.Channels;
        int outputs = shape.Heads * shape.Taps + (_options.ProjectsInput ? shape.Channels : 0);
        _predictor = Own("predictor", new Linear(inputs, outputs, shape.Initializer ?? Initializer.Glorot(inputs, outputs), _options.PredictorBias));
        if (shape.Bias)
            _bias = Own("bias", [shape.Channels], Initializer.Zeros, ParameterRole.Bias);
        if (_options.UnusedBias)
            Own("unusedBias", [1, 1, shape.Channels], Initializer.Zeros, ParameterRole.Buffer);
    }

    /// <inheritdoc/>
    public ConvolutionWindow Window(bool causal) => _shape.Window(causal);

    /// <inheritdoc/>
    public Tensor Convolve(Tape tape, Tensor x, Segments segments, bool causal, bool stepwise = false)
    {
        if (!_options.ProjectsInput)
            return Convolve(tape, x, x, segments, causal, stepwise);
        Tensor both = _predictor.Forward(tape, x);
        return Apply(
            tape, tape.Slice(both, 1, 0, _shape.Channels), tape.Slice(both, 1, _shape.Channels, _shape.Heads * _shape.Taps), segments, causal, stepwise);
    }

    /// <summary>Convolves rows with kernels that are predicted from others, <c>[rows, query width]</c>.</summary>
    /// <param name="tape">The tape.</param>
    /// <param name="x">The rows.</param>
    /// <param name="query">What kernels are predicted from.</param>
    /// <param name="segments">The sequences of both.</param>
    /// <param name="causal">Whether a position must not see what follows it.</param>
    /// <param name="stepwise">Whether the sequences grow row by row.</param>
    public Tensor Convolve(Tape tape, Tensor x, Tensor query, Segments segments, bool causal, bool stepwise = false) =>
        Apply(tape, x, _predictor.Forward(tape, query), segments, causal, stepwise);

    private Tensor Apply(Tape tape, Tensor x, Tensor kernels, Segments segments, bool causal, bool stepwise)
    {
        ConvolutionWindow window = Window(causal);
        TapSelection selection = _options.Selection;
        if (selection == TapSelection.CutToLength)
        {
            // The reference trains on padded batches, so what counts is the longest sequence; step by step it never cuts.
            int kept = causal && !stepwise ? Math.Min(window.Taps, Math.Max(1, segments.MaxLength)) : window.Taps;
            if (kept < window.Taps)
                (kernels, window) = (LastTaps(tape, kernels, kept), ConvolutionWindow.Causal(kept, window.Dilation));
            selection = TapSelection.All;
        }
        if (_shape.Softmax)
            kernels = tape.TapSoftmax(kernels, segments, window, selection);
        Tensor y = tape.DynamicConvolution(x, tape.Dropout(kernels, _shape.KernelDropout), segments, window);
        return _bias is null ? y : tape.Add(y, _bias.Value);
    }

    private Tensor LastTaps(Tape tape, Tensor kernels, int kept)
    {
        int rows = kernels.Shape[0];
        Tensor taps = tape.Slice(kernels.Reshape([rows * _shape.Heads, _shape.Taps]), 1, _shape.Taps - kept, kept);
        return taps.Reshape([rows, _shape.Heads * kept]);
    }
}
