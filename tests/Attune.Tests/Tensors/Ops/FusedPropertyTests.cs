using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;
using Attune.Tensors.Random;
using Attune.Tests.Tensors.Parallel;
using Xunit;

namespace Attune.Tests.Tensors.Ops;

/// <summary>A small Transformer over all fused operations: its bits must not depend on threads, its gradients reach every parameter.</summary>
[Collection(nameof(Attune.Tensors.Parallel.Workers))]
public sealed class FusedPropertyTests
{
    private const int Width = 40, Inner = 96, Entries = 300, Rows = 330;

    private readonly Tensor[] _parameters =
    [
        GradientCheck.Normal([Entries, Width], 0, 0.1f), GradientCheck.Normal([200, Width], 1, 0.1f),
        GradientCheck.Normal([3 * Width, Width], 2, 0.1f), GradientCheck.Normal([3 * Width], 3, 0.1f),
        GradientCheck.Normal([Width, Width], 4, 0.1f), GradientCheck.Normal([Width], 5, 0.1f),
        GradientCheck.Normal([Width], 6, 0.1f, 1), GradientCheck.Normal([Width], 7, 0.1f),
        GradientCheck.Normal([Inner, Width], 8, 0.1f), GradientCheck.Normal([Inner], 9, 0.1f),
        GradientCheck.Normal([Inner, Width], 10, 0.1f), GradientCheck.Normal([Width], 11, 0.1f, 1),
    ];

    [Fact]
    public void The_number_of_threads_changes_no_bit()
    {
        float[][] expected = Step(1, training: true);
        foreach (int threads in new[] { 2, 3, 7 })
            Assert.Equal(expected, Step(threads, training: true));
    }

    [Fact]
    public void Every_parameter_gets_a_finite_gradient_on_every_instruction_set()
    {
        foreach (InstructionSet set in Isa.Available)
        {
            using var scope = Isa.Force(set);
            float[][] gradients = Step(2, training: true);
            Assert.Equal(_parameters.Length + 1, gradients.Length);
            Assert.All(gradients, gradient => Assert.True(gradient.All(float.IsFinite) && gradient.Any(g => g != 0), $"{set}: a gradient is zero or not finite."));
        }
    }

    [Fact]
    public void Making_results_again_for_the_backward_pass_changes_no_bit()
    {
        float[][] expected = Step(2, training: true);
        Assert.Equal(expected, Step(2, training: true, checkpoints: true));
    }

    [Fact]
    public void Instruction_sets_agree()
    {
        float[][]? first = null;
        foreach (InstructionSet set in Isa.Available)
        {
            using var scope = Isa.Force(set);
            float[][] gradients = Step(1, training: true);
            first ??= gradients;
            for (int i = 0; i < gradients.Length; i++)
            {
                float bound = 1e-4f * first[i].Max(Math.Abs);
                for (int e = 0; e < gradients[i].Length; e++)
                    Assert.InRange(gradients[i][e], first[i][e] - bound, first[i][e] + bound);
            }
        }
    }

    [Fact]
    public void A_step_allocates_little_managed_memory_and_no_native_memory()
    {
        var tape = new Tape();
        using var threads = new ThreadCount(1);
        for (int warm = 0; warm < 3; warm++)
            Step(tape, training: true);
        long reserved = tape.ReservedBytes, before = GC.GetAllocatedBytesForCurrentThread();
        Step(tape, training: true);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8 * 1024);
        Assert.Equal(reserved, tape.ReservedBytes);
    }

    private float[][] Step(int threads, bool training, bool checkpoints = false)
    {
        using var count = new ThreadCount(threads);
        Tensor loss = Step(new Tape(), training, checkpoints);
        return [loss.ToArray(), .. _parameters.Select(p => p.Grad!.ToArray())];
    }

    private Tensor Step(Tape tape, bool training, bool checkpoints = false)
    {
        foreach (Tensor parameter in _parameters)
            parameter.ClearGradient();
        Tensor[] p = _parameters;
        tape.Begin(recording: true, training, new RandomStream(3));
        Tensor x = tape.Dropout(tape.EmbeddingSum([(p[0], Ids), (p[1], Positions)]), 0.1f);
        Tensor output = checkpoints ? tape.Checkpoint(x, input => Block(tape, input)) : Block(tape, x);
        Tensor loss = tape.LinearCrossEntropy(output, p[0], null, Labels, smoothing: 0.1f);
        tape.Backward(loss);
        return loss;
    }

    private Tensor Block(Tape tape, Tensor x)
    {
        Tensor[] p = _parameters;
        Tensor packed = tape.Linear(x, p[2], p[3]);
        Tensor mixed = tape.Attention(
            Heads.Part(packed, 0, 3, 2), Heads.Part(packed, 1, 3, 2), Heads.Part(packed, 2, 3, 2), Sequences, Sequences, Options);
        (Tensor sum, Tensor normed) = tape.AddThenNorm(tape.Linear(mixed, p[4], p[5]), x, p[6], p[7], 1e-5f, 0.1f);
        Tensor inner = tape.Linear(normed, p[8], p[9], Activation.Gelu);
        return tape.AddRmsNorm(tape.Linear(inner, p[10], null, Activation.None, WeightLayout.InOut), sum, p[11], 1e-5f, 0.1f);
    }

    private static readonly Segments Sequences = Segments.FromLengths(200, 1, 129);
    private static readonly AttentionOptions Options = new() { Causal = true, Dropout = 0.1f };
    private static readonly int[] Ids = [.. Enumerable.Range(0, Rows).Select(i => i * 37 % Entries)];
    private static readonly int[] Positions = [.. Enumerable.Range(0, Rows).Select(i => i % 200)];
    private static readonly int[] Labels = [.. Enumerable.Range(0, Rows).Select(i => i % 11 == 0 ? -100 : i * 53 % Entries)];
}
