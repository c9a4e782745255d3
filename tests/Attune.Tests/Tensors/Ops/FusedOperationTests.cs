using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Kernels.Dropout;
using Attune.Tensors.Lanes;
using Attune.Tensors.Ops;
using Attune.Tensors.Random;
using Xunit;

namespace Attune.Tests.Tensors.Ops;

/// <summary>What the fused operations promise besides their numbers.</summary>
public sealed class FusedOperationTests
{
    // One block of rows; two, whose logits would compete for the same cache sets and so lie further apart.
    [Theory]
    [InlineData(700, 37)]
    [InlineData(300, 16384)]
    public void The_loss_over_blocks_equals_the_linear_layer_and_its_loss(int rows, int classes)
    {
        const int width = 9;
        Tensor x = GradientCheck.Normal([rows, width], 1), weight = GradientCheck.Normal([classes, width], 2), bias = GradientCheck.Normal([classes], 3);
        int[] labels = [.. Enumerable.Range(0, rows).Select(i => i % 5 == 0 ? -100 : i % classes)];
        foreach (InstructionSet set in Isa.Available)
        {
            using var scope = Isa.Force(set);
            foreach (int[] some in new[] { labels, [.. labels.Select((label, row) => row % 7 == 0 ? label : -100)], [.. labels.Select(label => Math.Max(label, 0))] })
            {
                float[][] fused = Run(tape => tape.LinearCrossEntropy(x, weight, bias, some, smoothing: 0.1f));
                float[][] apart = Run(tape => tape.CrossEntropy(tape.Linear(x, weight, bias), some, smoothing: 0.1f));
                for (int i = 0; i < fused.Length; i++)
                {
                    float bound = 1e-5f * apart[i].Max(Math.Abs);
                    for (int e = 0; e < fused[i].Length; e++)
                        Assert.InRange(fused[i][e], apart[i][e] - bound, apart[i][e] + bound);
                }
            }
        }

        float[][] Run(Func<Tape, Tensor> loss)
        {
            foreach (Tensor tensor in new[] { x, weight, bias })
                tensor.ClearGradient();
            var tape = new Tape();
            tape.Begin(recording: true);
            Tensor result = loss(tape);
            // A second use of the weight tests accumulation, another upstream gradient than 1 the scaling.
            tape.Backward(tape.Add(result, tape.Sum(tape.Multiply(weight, weight))), 0.5f);
            return [result.ToArray(), x.Grad!.ToArray(), weight.Grad!.ToArray(), bias.Grad!.ToArray()];
        }
    }

    [Theory]
    [InlineData(WeightLayout.OutIn)]
    [InlineData(WeightLayout.InOut)]
    public void A_weight_kept_packed_gives_the_same_as_one_in_memory(WeightLayout layout)
    {
        Tensor weight = GradientCheck.Normal(layout == WeightLayout.OutIn ? [45, 33] : [33, 45], 1).Detach();
        Tensor bias = GradientCheck.Normal([45], 2).Detach();
        var answering = new Tape { FixedWeights = true };
        var plain = new Tape();
        foreach (InstructionSet set in Isa.Available)
        {
            using var scope = Isa.Force(set);
            foreach (int rows in new[] { 1, 5, 40, 1, 40 })
            {
                Tensor x = GradientCheck.Normal([rows, 33], 3).Detach();
                plain.Begin(recording: false);
                answering.Begin(recording: false);
                float[] expected = plain.Linear(x, weight, bias, Activation.Gelu, layout).ToArray();
                float[] found = answering.Linear(x, weight, bias, Activation.Gelu, layout).ToArray();
                for (int i = 0; i < found.Length; i++)
                    Assert.Equal(expected[i], found[i], 1e-4f);
            }
        }
    }

    [Fact]
    public void A_weight_that_can_be_trained_is_never_kept_packed()
    {
        Tensor weight = GradientCheck.Normal([2, 3], 1), x = GradientCheck.Normal([1, 3], 2).Detach();
        weight.SetRequiresGradient(false);
        var tape = new Tape { FixedWeights = true };
        for (int pass = 0; pass < 4; pass++)
        {
            tape.Begin(recording: false);
            weight.Fill(pass);
            Assert.Equal(pass * x.ToArray().Sum(), tape.Linear(x, weight).Span[0], 1e-5f);
        }
    }

    [Fact]
    public void No_label_at_all_gives_no_loss_and_zero_gradients()
    {
        Tensor x = GradientCheck.Normal([3, 4], 1), weight = GradientCheck.Normal([5, 4], 2);
        int[] labels = [-100, -100, -100];
        var tape = new Tape();
        tape.Begin(recording: true);
        Tensor loss = tape.Add(tape.LinearCrossEntropy(x, weight, null, labels), tape.CrossEntropy(tape.Linear(x, weight), labels));
        tape.Backward(loss);
        Assert.Equal(0, loss.Item);
        Assert.All(x.Grad!.ToArray(), g => Assert.Equal(0, g));
        Assert.All(weight.Grad!.ToArray(), g => Assert.Equal(0, g));
    }

    [Fact]
    public void Dropout_keeps_the_share_and_the_mean_and_says_so_number_by_number()
    {
        const int rows = 100, width = 103;
        const float probability = 0.3f;
        Tensor ones = Tensor.From([rows, width], [.. Enumerable.Repeat(1f, rows * width)]);
        var tape = new Tape();
        foreach (InstructionSet set in Isa.Available)
        {
            using var scope = Isa.Force(set);
            tape.Begin(recording: false, training: true, new RandomStream(11, 0, 4));
            tape.RowOffset = 1234;
            float[] dropped = tape.Dropout(ones, probability).ToArray();
            tape.Begin(recording: false, training: true, new RandomStream(11, 0, 4));
            RandomStream stream = tape.NextStream();
            for (int i = 0; i < dropped.Length; i++)
                Assert.Equal(stream.Uniform(1234 * width + i) < probability ? 0 : 1 / (1 - probability), dropped[i]);
            Assert.InRange(dropped.Average(), 0.97, 1.03);
        }
    }

    [Fact]
    public void Dropout_does_nothing_unless_training()
    {
        Tensor x = GradientCheck.Normal([3, 4], 1);
        var tape = new Tape();
        tape.Begin(recording: true);
        Assert.Same(x, tape.Dropout(x, 0.5f));
        Assert.Equal("probability", Assert.Throws<ArgumentOutOfRangeException>(() => tape.Dropout(x, 1)).ParamName);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(63)]
    [InlineData((1L << 34) - 16)]
    public unsafe void Masks_of_any_stretch_of_a_stream_agree(long index)
    {
        var stream = new RandomStream(9, 3, 2);
        foreach (InstructionSet set in Isa.Available)
        {
            using var scope = Isa.Force(set);
            float[] buffer = new float[DropoutMask.BufferLength];
            fixed (float* start = buffer)
            {
                var kernel = new Fill { Mask = new DropoutMask(stream, 0.5f), Buffer = start, Index = index };
                LaneKernel.Run(ref kernel);
                for (int i = 0; i < DropoutMask.MaxCount; i++)
                    Assert.Equal(stream.Uniform(index + i) < 0.5f ? 0 : 2, kernel.First[i]);
            }
        }
    }

    [Fact]
    public void Gradients_of_tables_touch_only_the_rows_used()
    {
        const int padding = 2;
        Tensor table = GradientCheck.Normal([90, 37], 1);
        foreach (InstructionSet set in Isa.Available)
        {
            using var scope = Isa.Force(set);
            table.ClearGradient();
            var tape = new Tape();
            Backward(tape, [0]);
            // A negative zero loses its sign as soon as anything is added to it, be it zero.
            table.Grad!.Span.Fill(-0f);
            Backward(tape, [5, 88, 5, padding]);
            for (int row = 0; row < 90; row++)
            {
                float expected = row switch { 5 => 2, 88 => 1, _ => -0f };
                foreach (float found in table.Grad.Span.Slice(row * 37, 37))
                    Assert.Equal(BitConverter.SingleToInt32Bits(expected), BitConverter.SingleToInt32Bits(found));
            }
        }

        void Backward(Tape tape, int[] ids)
        {
            tape.Begin(recording: true);
            tape.Backward(tape.Sum(tape.Embedding(table, ids, padding)));
        }
    }

    [Fact]
    public void Frozen_tables_and_wrong_ids_are_noticed()
    {
        Tensor table = GradientCheck.Normal([4, 3], 1), other = GradientCheck.Normal([4, 2], 2);
        var tape = new Tape();
        tape.Begin(recording: true);
        table.SetRequiresGradient(false);
        Assert.False(tape.Embedding(table, new[] { 1, 2 }).RequiresGradient);
        Assert.Contains("0..3", Assert.Throws<ArgumentOutOfRangeException>(() => tape.Embedding(table, new[] { 1, 4 })).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => tape.Embedding(table, new[] { -1 }));
        Assert.Contains("width", Assert.Throws<ArgumentException>(() => tape.EmbeddingSum([(table, new[] { 1 }), (other, new[] { 1 })])).Message, StringComparison.Ordinal);
        Assert.Contains("ids", Assert.Throws<ArgumentException>(() => tape.EmbeddingSum([(table, new[] { 1 }), (table, new[] { 1, 2 })])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_named()
    {
        Tensor x = Tensor.Zeros([2, 3]);
        var tape = new Tape();
        tape.Begin(recording: false);
        Assert.Contains("[2, 3]", Assert.Throws<ArgumentException>(() => tape.Linear(x, Tensor.Zeros([5, 4]))).Message, StringComparison.Ordinal);
        Assert.Contains("[5]", Assert.Throws<ArgumentException>(() => tape.Linear(x, Tensor.Zeros([5, 3]), Tensor.Zeros([3]))).Message, StringComparison.Ordinal);
        Assert.Contains("[3]", Assert.Throws<ArgumentException>(() => tape.LayerNorm(x, Tensor.Zeros([2]), null, 1)).Message, StringComparison.Ordinal);
        Assert.Contains("same shape", Assert.Throws<ArgumentException>(() => tape.AddDropout(x, Tensor.Zeros([3, 2]), 0)).Message, StringComparison.Ordinal);
        Assert.Contains("labels", Assert.Throws<ArgumentException>(() => tape.CrossEntropy(x, new[] { 1 })).Message, StringComparison.Ordinal);
        Assert.Contains("0..2", Assert.Throws<ArgumentOutOfRangeException>(() => tape.CrossEntropy(x, new[] { 1, 3 })).Message, StringComparison.Ordinal);
        Assert.Contains("smoothing", Assert.Throws<ArgumentOutOfRangeException>(() => tape.CrossEntropy(x, new[] { 1, 2 }, smoothing: 2)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_activation_has_its_name_back()
    {
        foreach (Activation activation in Enum.GetValues<Activation>())
            Assert.Equal(activation, ActivationNames.Parse(ActivationNames.NameOf(activation)));
        Assert.Equal(Activation.Silu, ActivationNames.Parse("swish"));
        Assert.Contains("gelu_new", Assert.Throws<ArgumentException>(() => ActivationNames.Parse("gelo")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_measuring_pass_counts_products_and_touches_no_memory()
    {
        Tensor x = Tensor.WithoutMemory([6, 8]), weight = Tensor.WithoutMemory([24, 8]);
        var segments = Segments.FromLengths(4, 2);
        var tape = new Tape();
        tape.BeginMeasuring();
        Tensor packed = tape.Linear(x, weight);
        Assert.Equal(6 * 8 * 24, tape.MultiplyAdds);
        Tensor mixed = tape.Attention(Heads.Part(packed, 0, 3, 2), Heads.Part(packed, 1, 3, 2), Heads.Part(packed, 2, 3, 2), segments, segments, new AttentionOptions());
        Assert.Equal(6 * 8 * 24 + (16 + 4) * 2 * 8, tape.MultiplyAdds);
        Assert.Equal(Shape.Of(6, 8), tape.LayerNorm(tape.Activate(mixed, Activation.Gelu), null, null, 1).Shape);
        tape.LinearCrossEntropy(mixed, weight, null, new[] { 1, -100, -100, 2, -100, -100 });
        Assert.Equal(6 * 8 * 24 + (16 + 4) * 2 * 8 + 2 * 8 * 24, tape.MultiplyAdds);
    }

    private unsafe struct Fill : ILaneKernel
    {
        public DropoutMask Mask;
        public float* Buffer;
        public long Index;

        public float* First { get; private set; }

        public void Run<T>()
            where T : struct, ILanes<T> => First = Mask.Fill<T>(Buffer, Index, DropoutMask.MaxCount);
    }
}
