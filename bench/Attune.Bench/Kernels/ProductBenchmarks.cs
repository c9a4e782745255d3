using Attune.Bench.Products;
using BenchmarkDotNet.Attributes;

namespace Attune.Bench.Kernels;

/// <summary>Float32 products as linear layers need them; see <see cref="ProductShape"/> for the form.</summary>
public class ProductBenchmarks : IDisposable
{
    private ProductRun _run = null!;

    /// <summary>Rows, depth, columns and layout.</summary>
    [Params("512x512x512:nn", "1024x768x3072:nt", "1024x3072x768:nn", "3072x1024x768:tn", "8x768x3072:nt", "32x4096x4096:nt")]
    public string Shape { get; set; } = "";

    /// <summary>Makes the operands.</summary>
    [GlobalSetup]
    public void Setup() => _run = new ProductRun(ProductShape.Parse(Shape));

    /// <summary>One product.</summary>
    [Benchmark]
    public void Multiply() => _run.Multiply();

    /// <summary>Gives the operands back.</summary>
    [GlobalCleanup]
    public void Dispose()
    {
        _run.Dispose();
        GC.SuppressFinalize(this);
    }
}
