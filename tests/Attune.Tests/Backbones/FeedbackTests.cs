using System.Text.Json.Nodes;
using Attune.Backbones;
using Attune.Formats;
using Attune.Nn.Blocks.Feedback;
using Attune.Nn.Contracts;
using Attune.Nn.Decoding;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tests.Tensors;
using Attune.Tests.Training;
using Attune.Training.Optimizers;
using Xunit;

namespace Attune.Tests.Backbones;

/// <summary>Feedback Transformers step by step: memories in a cache, and sequences of different lengths in one batch.</summary>
public sealed class FeedbackTests
{
    private static readonly int[] Ids = [3, 9, 1, 4, 4, 12, 7, 0, 2, 15, 6, 3, 8];

    public static TheoryData<bool, bool, string> Kinds => new()
    {
        { true, false, "pre" }, { true, true, "pre" }, { true, false, "post" }, { false, false, "pre" }, { false, true, "post" },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Decoding_step_by_step_agrees_with_whole_sequences(bool feedback, bool shared, string norm)
    {
        Model model = Build(feedback, shared, norm);
        float[] whole = Rows(model, TokenBatch.Of(Ids));
        var cache = new KeyValueCache(1);
        int read = 0, width = model.Backbone.Width;
        foreach (int count in (int[])[4, 1, 1, 5, 2])
        {
            float[] found = Rows(model, TokenBatch.Of(Ids[read..(read + count)]) with { State = cache });
            for (int i = 0; i < found.Length; i++)
                Assert.Equal(whole[read * width + i], found[i], 1e-5f);
            read += count;
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Sequences_of_different_lengths_do_not_disturb_each_other(bool feedback, bool shared, string norm)
    {
        Model model = Build(feedback, shared, norm);
        float[] together = Rows(model, TokenBatch.Of(Ids[..3], Ids, Ids[5..12]));
        float[] apart = [.. Rows(model, TokenBatch.Of(Ids[..3])), .. Rows(model, TokenBatch.Of(Ids)), .. Rows(model, TokenBatch.Of(Ids[5..12]))];
        for (int i = 0; i < apart.Length; i++)
            Assert.Equal(apart[i], together[i], 1e-5f);
    }

    [Fact]
    public void A_span_that_adapts_hides_what_lies_beyond_it()
    {
        // Four steps of six, then a ramp of two: the step d back weighs clamp((4 - d) / 2 + 1, 0, 1).
        var span = new AdaptiveSpan(new AdaptiveSpanOptions(2) { Start = 4 / 6f }, heads: 2, span: 6);
        span.Initialize(1);
        var tape = new Tape();
        tape.Begin(recording: false);
        float[] weights = span.Apply(tape, Tensor.From([1, 2, 1, 6], Enumerable.Repeat(1 / 6f, 12).ToArray())).ToArray();
        float[] masks = [0.5f, 1, 1, 1, 1, 1];
        for (int i = 0; i < weights.Length; i++)
            Assert.Equal(masks[i % 6] / 5.5f, weights[i], 1e-6f);
    }

    [Fact]
    public void Gradients_reach_spans_and_their_cost_is_their_mean()
    {
        Model model = Build(true, true, "pre", ("adapt_span_init", 0.4f), ("adapt_span_loss", 0.01f));
        Tensor[] ratios = [.. model.Parameters().Where(p => p.Path.EndsWith("span.ratio", StringComparison.Ordinal)).Select(p => p.Parameter.Value)];
        Assert.Equal(2, ratios.Length);
        ratios[1].Span[0] = 0.7f;
        // One block: gradients do not pass between blocks.
        GradientCheck.Run((tape, _) => model.Forward(new Pass(tape), TokenBatch.Of(Ids[..4])).Hidden, ratios, tolerance: 1e-2);
        GradientCheck.Run((tape, _) => model.Forward(new Pass(tape), TokenBatch.Of(Ids[..4])).AuxiliaryLoss!.Reshape([1]), ratios);
        var pass = new Tape();
        pass.Begin(recording: false);
        float mean = (0.4f + 0.4f) / 2 + (0.7f + 0.4f) / 2;
        Assert.Equal(0.01f * 6 * mean, model.Forward(new Pass(pass), TokenBatch.Of(Ids)).AuxiliaryLoss!.Item, 1e-6f);
    }

    [Fact]
    public void A_span_that_costs_too_much_shrinks_to_nothing_and_not_below()
    {
        Model model = Build(true, false, "pre", ("adapt_span_init", 0.05f), ("adapt_span_loss", 1f));
        var optimizer = new Optimizer(new AdamW(), ParameterGroup.Uniform(model, 0));
        var tape = new Tape();
        for (int step = 0; step < 8; step++)
        {
            tape.Begin(recording: true);
            tape.Backward(model.Forward(new Pass(tape), TokenBatch.Of(Ids)).AuxiliaryLoss!);
            optimizer.Step(0.02);
            optimizer.ClearGradients();
        }
        Assert.All(model.Parameters().Where(p => p.Path.EndsWith("span.ratio", StringComparison.Ordinal)), p => Assert.All(p.Parameter.Value.ToArray(), r => Assert.Equal(0, r)));
    }

    [Fact]
    public void Spans_agree_step_by_step_and_are_named_as_published()
    {
        Model model = Build(true, false, "post", ("adapt_span_init", 0.5f));
        float[] whole = Rows(model, TokenBatch.Of(Ids));
        var cache = new KeyValueCache(1);
        float[] found = [.. Rows(model, TokenBatch.Of(Ids[..7]) with { State = cache }), .. Rows(model, TokenBatch.Of(Ids[7..]) with { State = cache })];
        for (int i = 0; i < whole.Length; i++)
            Assert.Equal(whole[i], found[i], 1e-5f);
        Assert.Contains(model.NamedParameters(), p => p.Name == "layers.1.attn.attn.adaptive_span.mask.size_ratio");
    }

    private static Model Build(bool feedback, bool shared, string norm, params (string Key, float Value)[] span)
    {
        IFamily family = Catalog.Backbones.Get("feedback");
        JsonFields config = MatrixExamples.Config(family);
        // Steps of a block, and of the memory, end within the sequence.
        foreach ((string key, JsonNode value) in (IEnumerable<(string, JsonNode)>)
            [("feedback", feedback), ("share_key_value_projections", shared), ("norm", norm), ("block_size", 4), ("attention_span", 6)])
            config.Node[key] = value;
        foreach ((string key, float value) in span)
            (config.Node["adapt_span"], config.Node["adapt_span_len"], config.Node[key]) = (true, 2, value);
        Model model = family.Build(config, []);
        model.Initialize(1);
        return model;
    }

    private static float[] Rows(Model model, TokenBatch batch)
    {
        var tape = new Tape();
        tape.Begin(recording: false);
        return model.Forward(new Pass(tape), batch).Hidden.ToArray();
    }
}
