using Attune.Bench.Steps;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;
using BenchmarkDotNet.Attributes;

namespace Attune.Bench.Kernels;

/// <summary>Self-attention of packed queries, keys and values with twelve heads of 64.</summary>
public class AttentionBenchmarks
{
    private const int Width = 768, HeadCount = 12, Tokens = 1024;

    private readonly Tape _tape = new();
    private Tensor _packed = null!;
    private Segments _segments = null!;

    /// <summary>The length of a sequence; there are as many as make 1024 tokens.</summary>
    [Params(64, 128, 1024)]
    public int Length { get; set; }

    /// <summary>Whether positions see only earlier ones.</summary>
    [Params(false, true)]
    public bool Causal { get; set; }

    /// <summary>Makes the inputs.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _packed = RandomTensor.Normal([Tokens, 3 * Width], trainable: true);
        _segments = Segments.Equal(Tokens / Length, Length);
    }

    /// <summary>Forward alone.</summary>
    [Benchmark]
    public void Forward()
    {
        _tape.Begin(recording: false);
        Attend();
    }

    /// <summary>Forward and backward.</summary>
    [Benchmark]
    public void ForwardAndBackward()
    {
        _tape.Begin(recording: true);
        _tape.Backward(_tape.Sum(Attend()));
        _packed.ClearGradient();
    }

    private Tensor Attend() => _tape.Attention(
        Heads.Part(_packed, 0, 3, HeadCount), Heads.Part(_packed, 1, 3, HeadCount), Heads.Part(_packed, 2, 3, HeadCount),
        _segments, _segments, new AttentionOptions { Causal = Causal });
}
