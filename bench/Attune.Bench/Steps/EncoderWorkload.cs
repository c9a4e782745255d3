using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Mixers;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;
using Attune.Tensors.Random;

namespace Attune.Bench.Steps;

/// <summary>One pass of a pre-norm attention encoder over one long sequence of vectors.</summary>
internal sealed class EncoderWorkload : IWorkload
{
    private const int Width = 512, Heads = 8, InnerWidth = 2048, Layers = 6;

    private readonly Tape _tape = new();
    private readonly Stack _stack;
    private readonly Tensor _input;
    private readonly Segments _segments;

    public EncoderWorkload(int length)
    {
        Initializer normal = Initializer.Normal(0.02f);
        _stack = new Stack([.. Enumerable.Range(0, Layers).Select(_ => new Block(
            new SelfAttention(new AttentionShape(Width, Heads) { Packed = true, Initializer = normal }),
            new Norm(Width, 1e-5f),
            new FeedForward(new Linear(Width, InnerWidth, normal), new Linear(InnerWidth, Width, normal), Activation.Gelu),
            new Norm(Width, 1e-5f),
            NormPlacement.Before,
            0))]);
        _stack.Initialize(0);
        _segments = Segments.Equal(1, length);
        var random = new RandomStream(1);
        _input = Tensor.Zeros([length, Width]);
        for (int i = 0; i < length * Width; i++)
            _input.Span[i] = random.Normal(i);
        Operations = 2.0 * length * Layers * (4.0 * Width * Width + 2.0 * Width * InnerWidth + 2.0 * length * Width);
    }

    public double Operations { get; }

    public void Step()
    {
        _tape.Begin(recording: false);
        _stack.Forward(new Pass(_tape), _input, new MixerContext(_segments));
    }
}
