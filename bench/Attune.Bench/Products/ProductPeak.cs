using Attune.Tensors;

namespace Attune.Bench.Products;

/// <summary>The best product speed, as the peers measure it.</summary>
internal static class ProductPeak
{
    private const int Size = 2048;

    /// <summary>GFLOP/s of a square product of float32 matrices, multiplied in a precision; the best of half a second.</summary>
    public static double Measure(Precision precision = Precision.Float32)
    {
        using var run = new ProductRun(new ProductShape(Size, Size, Size, false, false), precision);
        return 2.0 * Size * Size * Size / run.BestTime(0.5) / 1e9;
    }
}
