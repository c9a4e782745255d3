using Attune.Bench.Steps;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;
using BenchmarkDotNet.Attributes;

namespace Attune.Bench.Kernels;

/// <summary>The loss of a language model over its vocabulary, product included, forward and backward, for 160 labels.</summary>
public class CrossEntropyBenchmarks
{
    private const int Labelled = 160, Width = 768;

    private readonly Tape _tape = new();
    private Tensor _x = null!, _table = null!;
    private int[] _labels = [];

    /// <summary>The size of the vocabulary.</summary>
    [Params(8192, 30522)]
    public int Vocabulary { get; set; }

    /// <summary>Makes the inputs.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _x = RandomTensor.Normal([Labelled, Width], trainable: true);
        _table = RandomTensor.Normal([Vocabulary, Width], trainable: true);
        _labels = [.. Enumerable.Range(0, Labelled).Select(i => i * 7919 % Vocabulary)];
    }

    /// <summary>Loss and gradients.</summary>
    [Benchmark]
    public void LossAndBackward()
    {
        _tape.Begin(recording: true);
        _tape.Backward(_tape.LinearCrossEntropy(_x, _table, null, _labels));
        _x.ClearGradient();
        _table.ClearGradient();
    }
}
