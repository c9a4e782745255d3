using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Mixers;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;
using Attune.Tensors.Random;
using Attune.Training.Optimizers;

namespace Attune.Bench.Steps;

/// <summary>A training step of a tiny vision transformer on images of 224 by 224 pixels.</summary>
internal sealed class VisionWorkload : ITrainingWorkload
{
    private const int Image = 224, Patch = 16, Channels = 3, Width = 192, Heads = 3, Layers = 12, Classes = 1000;

    private readonly Tape _tape;
    private readonly Classifier _model = new();
    private readonly Tensor _images;
    private readonly int[] _labels;
    private readonly Optimizer _optimizer;

    public VisionWorkload(int images, Precision precision)
    {
        _tape = new Tape { Precision = precision };
        _model.Initialize(0);
        _images = RandomTensor.Normal([images, Channels, Image, Image]);
        var random = new RandomStream(2);
        _labels = [.. Enumerable.Range(0, images).Select(i => random.Below(i, Classes))];
        _optimizer = new Optimizer(new AdamW(), ParameterGroup.ByRole(_model, 0.01));
        const double patches = Image / Patch * (Image / Patch), rows = patches + 1;
        Operations = 3.0 * 2 * images * (Layers * rows * (12.0 * Width * Width + 2 * rows * Width) + patches * Channels * Patch * Patch * Width);
    }

    public double Operations { get; }

    public bool RecomputesBlocks { get; set; }

    public void Step()
    {
        _tape.Begin(recording: true, training: true);
        _tape.Backward(_tape.CrossEntropy(_model.Forward(new Pass(_tape) { RecomputeBlocks = RecomputesBlocks }, _images), _labels));
        _optimizer.Step(1e-4);
        _optimizer.ClearGradients();
    }

    /// <summary>Patches, pre-norm blocks, and a linear map of the class token.</summary>
    private sealed class Classifier : Module
    {
        private readonly PatchEmbedding _patches;
        private readonly Stack _stack;
        private readonly Norm _norm;
        private readonly Linear _head;

        public Classifier()
        {
            Initializer normal = Initializer.Normal(0.02f);
            _patches = Own("patches", new PatchEmbedding(new PatchShape(Channels, Patch, Patch, Width)
            {
                ClassToken = true,
                Positions = Image / Patch * (Image / Patch) + 1,
            }));
            _stack = Own("layers", new Stack([.. Enumerable.Range(0, Layers).Select(_ => new Block(
                new SelfAttention(new AttentionShape(Width, Heads) { Packed = true, Initializer = normal }),
                new Norm(Width, 1e-5f),
                new FeedForward(new Linear(Width, 4 * Width, normal), new Linear(4 * Width, Width, normal), Activation.Gelu),
                new Norm(Width, 1e-5f),
                NormPlacement.Before,
                0))]));
            _norm = Own("norm", new Norm(Width, 1e-5f));
            _head = Own("head", new Linear(Width, Classes, normal));
        }

        public Tensor Forward(Pass pass, Tensor images)
        {
            (Tensor x, Segments segments) = _patches.Forward(pass.Tape, images);
            x = _stack.Forward(pass, x, new MixerContext(segments));
            int[] first = [.. Enumerable.Range(0, segments.Count).Select(segments.Start)];
            return _head.Forward(pass.Tape, _norm.Forward(pass.Tape, pass.Tape.GatherRows(x, first)));
        }
    }
}
