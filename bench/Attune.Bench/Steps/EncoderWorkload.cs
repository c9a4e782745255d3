using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Mixers;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Bench.Steps;

/// <summary>One pass of a pre-norm encoder over one long sequence of vectors.</summary>
internal sealed class EncoderWorkload : IWorkload
{
    private const int Width = 512, Heads = 8, InnerWidth = 2048, AttentionLayers = 6;

    private static readonly int[] Taps = [3, 7, 15, 15, 31, 31];
    private static readonly Initializer Normal = Initializer.Normal(0.02f);

    private readonly Tape _tape;
    private readonly Stack _stack;
    private readonly Tensor _input;
    private readonly Segments _segments;

    private EncoderWorkload(int length, IEnumerable<ISequenceMixer> mixers, Activation activation, double operations, Precision precision)
    {
        _tape = new Tape { FixedWeights = true, Precision = precision };
        _stack = new Stack([.. mixers.Select(mixer => new Block(
            mixer,
            new Norm(Width, 1e-5f),
            new FeedForward(new Linear(Width, InnerWidth, Normal), new Linear(InnerWidth, Width, Normal), activation),
            new Norm(Width, 1e-5f),
            NormPlacement.Before,
            0))]);
        _stack.InitializeFixed();
        _segments = Segments.Equal(1, length);
        _input = RandomTensor.Normal([length, Width]);
        Operations = operations;
    }

    public double Operations { get; }

    /// <summary>Self-attention in every layer.</summary>
    public static EncoderWorkload Attention(int length, Precision precision) => new(
        length,
        Enumerable.Range(0, AttentionLayers).Select(_ => new SelfAttention(new AttentionShape(Width, Heads) { Packed = true, Initializer = Normal })),
        Activation.Gelu,
        2.0 * length * AttentionLayers * (4.0 * Width * Width + 2.0 * Width * InnerWidth + 2.0 * length * Width),
        precision);

    /// <summary>Gated lightweight convolutions, wider from layer to layer.</summary>
    public static EncoderWorkload Convolution(int length, Precision precision) => new(
        length,
        Taps.Select(taps => new ConvolutionMixer(
            new LightweightConvolution(new ConvolutionShape(Width, Heads, taps)),
            new ConvolutionProjections { Input = new Linear(Width, 2 * Width, Normal), Glu = true, Output = new Linear(Width, Width, Normal) })),
        Activation.Relu,
        2.0 * length * Taps.Sum(taps => 3.0 * Width * Width + 2.0 * Width * InnerWidth + (double)taps * Width),
        precision);

    public void Step()
    {
        _tape.Begin(recording: false);
        _stack.Forward(new Pass(_tape), _input, new MixerContext(_segments));
    }
}
