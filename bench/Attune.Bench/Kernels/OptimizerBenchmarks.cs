using Attune.Nn.Blocks;
using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;
using Attune.Training.Optimizers;
using BenchmarkDotNet.Attributes;

namespace Attune.Bench.Kernels;

/// <summary>One update of nine million parameters: how near a pass over weights, gradients and state comes to the speed of memory.</summary>
public class OptimizerBenchmarks
{
    private readonly Linear _layer = new(3072, 3072, Initializer.Normal(0.02f));
    private Optimizer _adamW = null!;

    /// <summary>Makes parameters with gradients.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _layer.Initialize(0);
        var tape = new Tape();
        tape.Begin(recording: true);
        tape.Backward(tape.Sum(_layer.Forward(tape, Tensor.Zeros([1, 3072]))));
        _adamW = new Optimizer(new AdamW(), ParameterGroup.ByRole(_layer, 0.01));
    }

    /// <summary>AdamW.</summary>
    [Benchmark]
    public void AdamW() => _adamW.Step(1e-4);
}
