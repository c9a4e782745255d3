using System.Text.Json.Nodes;
using Attune.Backbones;
using Attune.Backbones.Bert;
using Attune.Backbones.Gpt2;
using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Random;
using Attune.Training.Optimizers;

namespace Attune.Bench.Steps;

/// <summary>What is labelled in a training step.</summary>
internal enum Labelling
{
    /// <summary>Nothing: inference.</summary>
    None,

    /// <summary>Every position.</summary>
    All,

    /// <summary>Three positions of twenty.</summary>
    Some,
}

/// <summary>The sizes of a language model.</summary>
internal sealed record LanguageModelSize(int Vocabulary, int Width, int Heads, int InnerWidth, int Layers, int Sequences, int Length, bool Causal);

/// <summary>A step of BERT or GPT-2: forward, and for training backward and AdamW.</summary>
internal sealed class LanguageModelWorkload : ITrainingWorkload
{
    private readonly Tape _tape;
    private readonly Model _model;
    private readonly TokenBatch _batch;
    private readonly int[]? _labels;
    private readonly ITokenHead _head;
    private readonly Optimizer? _optimizer;

    public LanguageModelWorkload(LanguageModelSize size, Labelling labelling, Precision precision)
    {
        IFamily family = size.Causal ? new Gpt2Family() : new BertFamily();
        HeadKind kind = size.Causal ? HeadKind.CausalLm : HeadKind.MaskedLm;
        _model = family.Build(new JsonFields(Config(size), "bench"), [new HeadRequest(kind)]);
        if (labelling == Labelling.None)
            _model.InitializeFixed();
        else
            _model.Initialize(0);
        _head = _model.Head<ITokenHead>(kind);
        var random = new RandomStream(1);
        int tokens = size.Sequences * size.Length;
        int[] ids = [.. Enumerable.Range(0, tokens).Select(i => random.Below(i, size.Vocabulary))];
        _batch = new TokenBatch { Ids = ids, Segments = Segments.Equal(size.Sequences, size.Length) };
        double forward = 2.0 * tokens * size.Layers * (4.0 * size.Width * size.Width + 2.0 * size.Width * size.InnerWidth + 2.0 * size.Length * size.Width);
        int labelled = tokens;
        if (labelling != Labelling.None)
        {
            _labels = [.. ids.Select((id, i) => labelling == Labelling.All || i % 20 < 3 ? id : Labels.Ignore)];
            labelled = _labels.Count(label => label != Labels.Ignore);
            _optimizer = new Optimizer(new AdamW(), ParameterGroup.ByRole(_model, 0.01));
        }
        _tape = new Tape { FixedWeights = labelling == Labelling.None, Precision = precision };
        forward += 2.0 * labelled * size.Vocabulary * size.Width;
        Operations = labelling == Labelling.None ? forward : 3 * forward;
    }

    public double Operations { get; }

    public bool RecomputesBlocks { get; set; }

    public void Step()
    {
        _tape.Begin(recording: _optimizer is not null, training: _optimizer is not null);
        var pass = new Pass(_tape) { RecomputeBlocks = RecomputesBlocks };
        BackboneOutput output = ((ISequenceBackbone)_model.Backbone).Forward(pass, _batch);
        if (_optimizer is null)
        {
            _head.Logits(pass, output);
            return;
        }
        _tape.Backward(_head.Loss(pass, output, _labels));
        _optimizer.Step(1e-4);
        _optimizer.ClearGradients();
    }

    private static JsonObject Config(LanguageModelSize size) => size.Causal
        ? new JsonObject
        {
            ["vocab_size"] = size.Vocabulary,
            ["n_embd"] = size.Width,
            ["n_head"] = size.Heads,
            ["n_layer"] = size.Layers,
            ["n_inner"] = size.InnerWidth,
            ["n_positions"] = Math.Max(size.Length, 512),
            ["activation_function"] = "gelu",
            ["resid_pdrop"] = 0.0,
            ["embd_pdrop"] = 0.0,
            ["attn_pdrop"] = 0.0,
        }
        : new JsonObject
        {
            ["vocab_size"] = size.Vocabulary,
            ["hidden_size"] = size.Width,
            ["num_attention_heads"] = size.Heads,
            ["num_hidden_layers"] = size.Layers,
            ["intermediate_size"] = size.InnerWidth,
            ["max_position_embeddings"] = Math.Max(size.Length, 512),
            ["hidden_dropout_prob"] = 0.0,
            ["attention_probs_dropout_prob"] = 0.0,
        };
}
