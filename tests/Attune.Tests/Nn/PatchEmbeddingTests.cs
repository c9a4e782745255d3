using Attune.Nn.Blocks;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;
using Attune.Tests.Tensors;
using Xunit;

namespace Attune.Tests.Nn;

/// <summary>Images to rows.</summary>
public sealed class PatchEmbeddingTests
{
    private const int Images = 2, Channels = 3, PatchHeight = 2, PatchBreadth = 4, Width = 5, Down = 3, Across = 2, Patches = Down * Across;

    private static Tensor Pixels() => GradientCheck.Normal([Images, Channels, Down * PatchHeight, Across * PatchBreadth], 9);

    [Fact]
    public void Patches_are_a_convolution_that_steps_by_its_kernel()
    {
        PatchEmbedding embedding = Initialized(new PatchShape(Channels, PatchHeight, PatchBreadth, Width));
        Dictionary<string, Tensor> parameters = embedding.Parameters().ToDictionary(p => p.Path, p => p.Parameter.Value);
        parameters["projection.bias"].Fill(0.5f);
        var tape = new Tape();
        tape.Begin(recording: false);
        Tensor images = Pixels();
        (Tensor rows, Segments segments) = embedding.Forward(tape, images);
        Tensor maps = tape.Conv2d(
            images, parameters["projection.weight"], parameters["projection.bias"],
            new SlidingWindow(PatchHeight, PatchHeight), new SlidingWindow(PatchBreadth, PatchBreadth));
        float[] expected = tape.Permute(maps.Reshape([Images, Width, Patches]), 0, 2, 1).ToArray();
        Assert.Equal([Images * Patches, Width], rows.Shape.ToArray());
        Assert.Equal((Images, Patches), (segments.Count, segments.MaxLength));
        Assert.All(expected.Zip(rows.ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
    }

    [Fact]
    public void The_class_token_stands_first_and_positions_are_added_to_all_rows()
    {
        PatchEmbedding plain = Initialized(new PatchShape(Channels, PatchHeight, PatchBreadth, Width));
        PatchEmbedding full = Initialized(new PatchShape(Channels, PatchHeight, PatchBreadth, Width) { ClassToken = true, Positions = Patches + 1 });
        Dictionary<string, Tensor> parameters = full.Parameters().ToDictionary(p => p.Path, p => p.Parameter.Value);
        var tape = new Tape();
        tape.Begin(recording: false);
        Tensor images = Pixels();
        float[] patches = plain.Forward(tape, images).Rows.ToArray();
        float[] rows = full.Forward(tape, images).Rows.ToArray();
        ReadOnlySpan<float> positions = parameters["positions"].Span;
        for (int image = 0; image < Images; image++)
        {
            for (int row = 0; row <= Patches; row++)
            {
                for (int i = 0; i < Width; i++)
                {
                    float vector = row == 0 ? parameters["classToken"].Span[i] : patches[(image * Patches + row - 1) * Width + i];
                    Assert.Equal(vector + positions[row * Width + i], rows[(image * (Patches + 1) + row) * Width + i]);
                }
            }
        }
    }

    [Fact]
    public void Gradients_reach_every_parameter_and_the_pixels()
    {
        PatchEmbedding embedding = Initialized(new PatchShape(Channels, PatchHeight, PatchBreadth, Width) { ClassToken = true, Positions = Patches + 1 });
        Tensor[] inputs = [Pixels(), .. embedding.Parameters().Select(p => p.Parameter.Value)];
        GradientCheck.Run((tape, _) => embedding.Forward(tape, inputs[0]).Rows, inputs);
    }

    [Fact]
    public void Images_of_another_size_than_the_positions_are_refused()
    {
        PatchEmbedding embedding = Initialized(new PatchShape(Channels, PatchHeight, PatchBreadth, Width) { Positions = Patches - 1 });
        string message = Assert.Throws<ArgumentException>(() => embedding.Forward(new Tape(), Pixels())).Message;
        Assert.Contains($"{Patches} rows", message, StringComparison.Ordinal);
    }

    private static PatchEmbedding Initialized(PatchShape shape)
    {
        var embedding = new PatchEmbedding(shape);
        embedding.Initialize(3);
        return embedding;
    }
}
