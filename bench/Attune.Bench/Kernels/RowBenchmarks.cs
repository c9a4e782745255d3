using Attune.Bench.Steps;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;
using BenchmarkDotNet.Attributes;

namespace Attune.Bench.Kernels;

/// <summary>Operations that pass over rows once, on 1024 rows of 768: how near they come to the speed of memory.</summary>
public class RowBenchmarks
{
    private readonly Tape _tape = new();
    private Tensor _x = null!, _residual = null!, _weight = null!, _bias = null!;

    /// <summary>Makes the inputs.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _x = RandomTensor.Normal([1024, 768], trainable: true);
        _residual = RandomTensor.Normal([1024, 768], trainable: true);
        _weight = RandomTensor.Normal([768], trainable: true);
        _bias = RandomTensor.Normal([768], trainable: true);
    }

    /// <summary>Residual sum and layer norm in one pass.</summary>
    [Benchmark]
    public void AddNorm()
    {
        _tape.Begin(recording: false);
        _tape.AddNorm(_x, _residual, _weight, _bias, 1e-5f);
    }

    /// <summary>The same, forward and backward.</summary>
    [Benchmark]
    public void AddNormAndBackward()
    {
        _tape.Begin(recording: true);
        Finish(_tape.AddNorm(_x, _residual, _weight, _bias, 1e-5f));
    }

    /// <summary>Softmax of each row.</summary>
    [Benchmark]
    public void Softmax()
    {
        _tape.Begin(recording: false);
        _tape.Softmax(_x);
    }

    /// <summary>The same, forward and backward.</summary>
    [Benchmark]
    public void SoftmaxAndBackward()
    {
        _tape.Begin(recording: true);
        Finish(_tape.Softmax(_x));
    }

    /// <summary>GELU.</summary>
    [Benchmark]
    public void Gelu()
    {
        _tape.Begin(recording: false);
        _tape.Activate(_x, Activation.Gelu);
    }

    /// <summary>The same, forward and backward.</summary>
    [Benchmark]
    public void GeluAndBackward()
    {
        _tape.Begin(recording: true);
        Finish(_tape.Activate(_x, Activation.Gelu));
    }

    private void Finish(Tensor result)
    {
        _tape.Backward(_tape.Sum(result));
        foreach (Tensor input in (Tensor[])[_x, _residual, _weight, _bias])
            input.ClearGradient();
    }
}
