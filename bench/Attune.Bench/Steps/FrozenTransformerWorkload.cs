using System.Text.Json.Nodes;
using Attune.Backbones.Fpt;
using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;
using Attune.Training.Optimizers;
using Attune.Training.Policies;

namespace Attune.Bench.Steps;

/// <summary>A training step of a frozen GPT-2 base that remembers bits: norms, positions, input and output layers learn.</summary>
internal sealed class FrozenTransformerWorkload : ITrainingWorkload
{
    private const int Width = 768, Heads = 12, Layers = 12, Bits = 50;

    private readonly Tape _tape;
    private readonly Model _model;
    private readonly ISequenceHead _head;
    private readonly TokenBatch _batch;
    private readonly Optimizer _optimizer;

    public FrozenTransformerWorkload(int sequences, int length, Precision precision)
    {
        _tape = new Tape { Precision = precision };
        var config = new JsonObject
        {
            ["hidden_size"] = Width,
            ["input_dim"] = Bits,
            ["output_dim"] = 2 * Bits,
            ["dropout"] = 0.0,
            ["return_last_only"] = false,
            ["gpt2"] = new JsonObject
            {
                ["vocab_size"] = 2,
                ["n_embd"] = Width,
                ["n_head"] = Heads,
                ["n_layer"] = Layers,
                ["n_positions"] = 1024,
                ["activation_function"] = "gelu",
            },
        };
        _model = new FptFamily().Build(new JsonFields(config, "bench"), [new HeadRequest(HeadKind.SequenceClassification)]);
        _model.Initialize(0);
        new FrozenTransformer().Apply(_model);
        _head = _model.Head<ISequenceHead>(HeadKind.SequenceClassification);
        int tokens = sequences * length;
        _batch = new TokenBatch { Ids = new int[tokens], Segments = Segments.Equal(sequences, length), Features = RandomTensor.Bits([tokens, Bits]) };
        _optimizer = new Optimizer(new AdamW(), ParameterGroup.ByRole(_model, 0.01));
        double forward = 2.0 * tokens * Layers * (12.0 * Width * Width + 2.0 * length * Width);
        // Frozen weights have no gradients; the scores and mixes of attention have two each.
        Operations = forward * 2 + 2.0 * tokens * Layers * 4 * length * Width;
    }

    public double Operations { get; }

    public bool RecomputesBlocks { get; set; }

    public void Step()
    {
        _tape.Begin(recording: true, training: true);
        var pass = new Pass(_tape) { RecomputeBlocks = RecomputesBlocks };
        Tensor answers = _head.Logits(pass, ((ISequenceBackbone)_model.Backbone).Forward(pass, _batch));
        Tensor bits = _tape.Slice(answers.Reshape([_batch.Rows, 2 * Bits]), 1, 0, Bits);
        _tape.Backward(_tape.BinaryCrossEntropyWithLogits(bits, _batch.Features!));
        _optimizer.Step(1e-4);
        _optimizer.ClearGradients();
    }
}
