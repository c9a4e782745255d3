using System.Text.Json.Nodes;
using Attune.Backbones;
using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Nn.OutputHeads;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;
using Attune.Tests.Training;
using Xunit;

namespace Attune.Tests.Backbones;

/// <summary>Options of Transformer-XL and XLNet that no reference case of the repository has: everything that is used learns, nothing is infinite.</summary>
public sealed class MemoryFamilyOptionsTests
{
    [Theory]
    [InlineData("{\"cutoffs\": [], \"div_val\": 1}")]
    [InlineData("{\"cutoffs\": [50], \"div_val\": 4, \"d_embed\": 16}")]
    [InlineData("{\"tie_word_embeddings\": false, \"div_val\": 2}")]
    [InlineData("{\"tie_word_embeddings\": false, \"div_val\": 1, \"tie_projs\": [true, false, true]}")]
    [InlineData("{\"mem_len\": 0, \"clamp_len\": 3}")]
    [InlineData("{\"mem_len\": 3, \"same_length\": true, \"untie_r\": false, \"pre_lnorm\": true}")]
    [InlineData("{\"init\": \"uniform\", \"dropout\": 0.2, \"dropatt\": 0.2}")]
    public void Transformer_xl_learns_with(string options)
    {
        Model model = Build("transfo-xl", options, HeadKind.CausalLm);
        var tape = new Tape();
        tape.Begin(recording: true, training: true);
        var pass = new Pass(tape);
        BackboneOutput first = model.Forward(pass, TokenBatch.Of([1, 80, 33, 110], [4, 9]) with { KeepsMemory = true });
        BackboneOutput second = model.Forward(pass, TokenBatch.Of([61, 2, 119], [7, 8, 31, 5, 100]) with { Memory = first.Memory });
        ITokenHead head = model.Head<ITokenHead>(HeadKind.CausalLm);
        int[] labels = [5, 118, 44, 60, 1, 95, 25, 70];
        tape.Backward(tape.Add(head.Loss(pass, first, labels.AsMemory(0, 6)), head.Loss(pass, second, labels)));
        AssertLearns(model);
        // The probabilities of all tokens add up to 1, and the loss is what they say.
        tape.Begin(recording: false);
        BackboneOutput output = model.Forward(pass, TokenBatch.Of([61, 2, 119]));
        Tensor logits = head.Logits(pass, output);
        for (int row = 0; row < 3; row++)
            Assert.Equal(1, logits.Span.Slice(row * 120, 120).ToArray().Sum(l => Math.Exp(l)), 1e-4);
        double expected = -(logits.Span[44] + logits.Span[120 + 3] + logits.Span[240 + 99]) / 3;
        Assert.Equal(expected, head.Loss(pass, output, new[] { 44, 3, 99 }).Item, 1e-4);
    }

    [Theory]
    [InlineData("{\"same_length\": true, \"attn_type\": \"uni\", \"mem_len\": 3}")]
    [InlineData("{\"bi_data\": true, \"mem_len\": 4, \"reuse_len\": 2}")]
    [InlineData("{\"clamp_len\": 2, \"dropout\": 0.2}")]
    public void Xlnet_learns_with(string options)
    {
        Model model = Build("xlnet", options, HeadKind.MaskedLm);
        var tape = new Tape();
        tape.Begin(recording: true, training: true);
        var pass = new Pass(tape);
        TokenBatch Typed(params int[][] sequences) => TokenBatch.Of(sequences) is var batch
            ? batch with { TypeIds = Enumerable.Range(0, batch.Rows).Select(row => row % 2).ToArray(), KeepsMemory = true } : batch;
        BackboneOutput first = model.Forward(pass, Typed([1, 80, 33, 110], [4, 9]));
        TokenBatch next = Typed([61, 2, 119], [7, 8, 31, 5, 100]) with { Memory = first.Memory };
        BackboneOutput second = model.Forward(pass, next with { Targets = new TargetRows(new[] { 1, 4, 6 }, Segments.FromLengths(1, 2)) });
        ITokenHead head = model.Head<ITokenHead>(HeadKind.MaskedLm);
        tape.Backward(tape.Add(head.Loss(pass, first, new[] { 5, 118, 44, 60, 1, 95 }), head.Loss(pass, second, new[] { 3, 4, 5 })));
        AssertLearns(model);
    }

    [Theory]
    [InlineData("last")]
    [InlineData("first")]
    [InlineData("mean")]
    [InlineData("cls_index")]
    public void Xlnet_summaries_do_not_depend_on_others(string kind)
    {
        Model model = Build("xlnet", $"{{\"summary_type\": \"{kind}\", \"summary_activation\": null}}", HeadKind.SequenceClassification);
        var tape = new Tape();
        tape.Begin(recording: false);
        var pass = new Pass(tape);
        float[] Logits(params int[][] sequences) =>
            model.SequenceLogits(pass, HeadKind.SequenceClassification, model.Forward(pass, TokenBatch.Of(sequences))).ToArray();
        float[] both = Logits([1, 2, 3, 4], [5, 6]), alone = Logits([5, 6]);
        for (int i = 0; i < alone.Length; i++)
            Assert.Equal(alone[i], both[alone.Length + i], 1e-5f);
    }

    [Fact]
    public void The_end_of_an_answer_depends_on_its_start()
    {
        Model model = Build("xlnet", "{}", HeadKind.BeamQuestionAnswering);
        var head = (BeamSpanHead)model.Heads[0];
        var tape = new Tape();
        tape.Begin(recording: true);
        Tensor hidden = model.Forward(new Pass(tape), TokenBatch.Of([1, 2, 3, 4])).Hidden;
        Tensor Starts(int row) => tape.GatherRows(hidden, new[] { row, row, row, row });
        Tensor end = head.EndLogits(tape, hidden, Starts(1));
        Assert.NotEqual(end.ToArray(), head.EndLogits(tape, hidden, Starts(2)).ToArray());
        Tensor answer = head.AnswerLogits(tape, tape.GatherRows(hidden, new[] { 1 }), tape.GatherRows(hidden, new[] { 3 }));
        tape.Backward(tape.Add(tape.Sum(tape.Add(end, head.StartLogits(tape, hidden))), tape.Sum(answer)));
        Assert.All(head.Parameters(), p => Assert.True(p.Parameter.Value.Grad is not null, p.Path));
    }

    [Theory]
    [InlineData("transfo-xl", "{\"attn_type\": 2}", "attn_type")]
    [InlineData("transfo-xl", "{\"sample_softmax\": 5}", "sample_softmax")]
    [InlineData("transfo-xl", "{\"cutoffs\": [60, 30]}", "cutoffs")]
    [InlineData("transfo-xl", "{\"mem_len\": 0, \"same_length\": true}", "same_length")]
    [InlineData("transfo-xl", "{\"div_val\": 64}", "div_val")]
    [InlineData("xlnet", "{\"attn_type\": \"both\"}", "attn_type")]
    [InlineData("xlnet", "{\"summary_type\": \"attn\"}", "summary_type")]
    [InlineData("xlnet", "{\"d_head\": 5}", "d_head")]
    public void What_is_not_supported_is_refused_by_its_key(string family, string options, string key)
    {
        HeadKind head = family == "xlnet" ? HeadKind.SequenceClassification : HeadKind.CausalLm;
        Assert.Contains($"'{key}'", Assert.Throws<AttuneFormatException>(() => Build(family, options, head)).Message, StringComparison.Ordinal);
    }

    private static void AssertLearns(Model model)
    {
        foreach ((string name, Parameter parameter) in model.NamedParameters())
            Assert.True(parameter.Value.Grad is { } gradient && gradient.ToArray().All(float.IsFinite), name);
    }

    private static Model Build(string name, string options, HeadKind head)
    {
        IFamily family = Catalog.Backbones.Get(name);
        JsonObject config = MatrixExamples.Config(family).Node;
        foreach ((string key, JsonNode? value) in JsonNode.Parse(options)!.AsObject())
            config[key] = value?.DeepClone();
        Model model = family.Build(new JsonFields(config, "config.json"), [new HeadRequest(head)]);
        model.Initialize(2);
        return model;
    }
}
