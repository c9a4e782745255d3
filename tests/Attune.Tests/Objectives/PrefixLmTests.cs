using Attune.Nn.Contracts;
using Attune.Objectives;
using Attune.Tensors.Autograd;
using Attune.Tensors.Random;
using Attune.Tests.Training;
using Xunit;

namespace Attune.Tests.Objectives;

public sealed class PrefixLmTests
{
    [Fact]
    public void The_prefix_sees_itself_and_nothing_sees_what_it_predicts()
    {
        Model model = TinyModels.Gpt2([new HeadRequest(HeadKind.CausalLm)], dropout: 0);
        int[] ids = [.. Enumerable.Range(0, 11).Select(i => 5 + i)];
        var batch = (LabelledTokenBatch)new PrefixLm().Collate([new Example { Ids = ids }], new RandomStream(2));
        int length = batch.Input.Rows, prefix = batch.Labels.Span.IndexOfAnyExcept(Labels.Ignore) + 1;
        Assert.InRange(prefix, 2, length - 1);
        Assert.Equal(ids[prefix..], batch.Labels.ToArray()[(prefix - 1)..]);

        float[] expected = Rows(model, batch.Input);
        int width = expected.Length / length;
        for (int changed = 0; changed < length; changed++)
        {
            int[] other = batch.Input.Ids.ToArray();
            other[changed] = 30;
            float[] found = Rows(model, batch.Input with { Ids = other });
            for (int row = 0; row < length; row++)
            {
                bool sees = changed <= row || changed < prefix;
                Assert.Equal(!sees, expected.AsSpan(row * width, width).SequenceEqual(found.AsSpan(row * width, width)));
            }
        }
    }

    [Fact]
    public void A_convolution_in_place_of_attention_is_refused()
    {
        Model model = MatrixExamples.Build("gpt2", [new HeadRequest(HeadKind.CausalLm)]).Model;
        model.ReplaceMixers(Attune.Formats.JsonFields.Parse("{\"kind\": \"lightweight-conv\"}"u8, "mixer"));
        Assert.Contains("free masks", Assert.Throws<ArgumentException>(() => Fit.Require(model, new PrefixLm())).Message, StringComparison.Ordinal);
    }

    private static float[] Rows(Model model, TokenBatch input)
    {
        var tape = new Tape();
        tape.Begin(recording: false);
        return model.Forward(new Pass(tape), input).Hidden.ToArray();
    }
}
