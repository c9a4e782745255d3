using Attune.Tensors;
using Attune.Tensors.Ops;
using Xunit;

namespace Attune.Tests.Tensors.Ops;

/// <summary>The fused operations against the reference's outputs and gradients, on every instruction set.</summary>
public sealed class FusedGoldenTests
{
    [Theory]
    [InlineData("relu")]
    [InlineData("gelu")]
    [InlineData("gelu_new")]
    [InlineData("silu")]
    public void Activation(string name)
    {
        using GoldenCase golden = GoldenCase.Open("layers/" + name);
        golden.CheckOperation((tape, input) => [("y", tape.Activate(input("x"), ActivationNames.Parse(name)))]);
    }

    [Fact]
    public void Layer_norm()
    {
        using GoldenCase golden = GoldenCase.Open("layers/layer_norm");
        float epsilon = golden.Arguments.GetProperty("eps").GetSingle();
        golden.CheckOperation((tape, input) => [("y", tape.LayerNorm(input("x"), input("weight"), input("bias"), epsilon))]);
    }

    [Fact]
    public void Layer_norm_without_scale_and_shift()
    {
        using GoldenCase golden = GoldenCase.Open("layers/layer_norm_no_affine");
        float epsilon = golden.Arguments.GetProperty("eps").GetSingle();
        golden.CheckOperation((tape, input) => [("y", tape.LayerNorm(input("x"), null, null, epsilon))]);
    }

    [Fact]
    public void Root_mean_square_norm()
    {
        using GoldenCase golden = GoldenCase.Open("layers/rms_norm");
        float epsilon = golden.Arguments.GetProperty("eps").GetSingle();
        golden.CheckOperation((tape, input) => [("y", tape.RmsNorm(input("x"), input("weight"), epsilon))]);
    }

    [Theory]
    [InlineData("softmax")]
    [InlineData("log_softmax")]
    public void Softmax(string name)
    {
        using GoldenCase golden = GoldenCase.Open("layers/" + name);
        golden.CheckOperation((tape, input) => [("y", name == "softmax" ? tape.Softmax(input("x")) : tape.LogSoftmax(input("x")))]);
    }

    [Fact]
    public void Embedding_with_a_padding_row()
    {
        using GoldenCase golden = GoldenCase.Open("layers/embedding_padding_idx");
        int padding = golden.Arguments.GetProperty("padding_idx").GetInt32();
        golden.CheckOperation((tape, input) => [("y", tape.Embedding(input("weight"), golden.Integers("input.ids"), padding))]);
    }

    [Theory]
    [InlineData("attention_bias")]
    [InlineData("attention_causal")]
    [InlineData("attention_padding")]
    public void Attention(string name)
    {
        using GoldenCase golden = GoldenCase.Open("layers/" + name);
        bool[] mask = golden.Has("input.key_mask") ? [.. golden.Integers("input.key_mask").Select(keep => keep != 0)] : [];
        golden.CheckOperation((tape, input) =>
        {
            Shape shape = input("q").Shape;
            (int batch, int heads, int length, int width) = (shape[0], shape[1], shape[2], shape[3]);
            var segments = Segments.Equal(batch, length);
            (Tensor output, Tensor probabilities) = tape.AttentionWithProbabilities(
                Rows("q"), Rows("k"), Rows("v"), segments, segments,
                new AttentionOptions
                {
                    Scale = golden.Arguments.GetProperty("scale").GetSingle(),
                    Causal = golden.Arguments.GetProperty("causal").GetBoolean(),
                    Bias = golden.Has("input.bias") ? input("bias").Reshape([heads, length, length]) : null,
                    KeyMask = mask,
                });
            Tensor y = tape.Permute(output.Reshape([batch, length, heads, width]), 0, 2, 1, 3);
            return [("y", y), ("probs", probabilities)];

            Heads Rows(string part) => Heads.Of(tape.Permute(input(part), 0, 2, 1, 3).Reshape([batch * length, heads * width]), heads);
        });
    }

    [Theory]
    [InlineData("cross_entropy")]
    [InlineData("cross_entropy_smoothing")]
    public void Cross_entropy(string name)
    {
        using GoldenCase golden = GoldenCase.Open("losses/" + name);
        int ignore = golden.Arguments.GetProperty("ignore_index").GetInt32();
        float smoothing = golden.Arguments.GetProperty("label_smoothing").GetSingle();
        int[] labels = golden.Integers("input.labels");
        golden.CheckOperation((tape, input) => [("loss", tape.CrossEntropy(input("logits"), labels, ignore, smoothing))]);
    }

    [Theory]
    [InlineData("cross_entropy")]
    [InlineData("cross_entropy_smoothing")]
    public void Cross_entropy_of_a_linear_layer(string name)
    {
        // With the identity as input the weights are the (transposed) logits, and so are their gradients.
        using GoldenCase golden = GoldenCase.Open("losses/" + name);
        int ignore = golden.Arguments.GetProperty("ignore_index").GetInt32();
        float smoothing = golden.Arguments.GetProperty("label_smoothing").GetSingle();
        int[] labels = golden.Integers("input.labels");
        golden.CheckOperation((tape, input) =>
        {
            Tensor weight = tape.Permute(input("logits"), 1, 0);
            Tensor rows = Tensor.Zeros([labels.Length, labels.Length]);
            for (int row = 0; row < labels.Length; row++)
                rows.Span[row * labels.Length + row] = 1;
            return [("loss", tape.LinearCrossEntropy(rows, weight, null, labels, ignore, smoothing))];
        });
    }
}
