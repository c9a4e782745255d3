using System.Diagnostics;
using Attune.Tensors.Kernels.Gemm;
using Attune.Tensors.Memory;
using Attune.Tensors.Parallel;

namespace Attune.Tensors.Diagnostics;

/// <summary>How fast a float32 matrix product of one shape ran.</summary>
/// <param name="Name">Where such a product occurs.</param>
/// <param name="Rows">Rows of the result.</param>
/// <param name="Depth">Length of the sums.</param>
/// <param name="Columns">Columns of the result.</param>
/// <param name="Threads">The threads that computed.</param>
/// <param name="GigaflopsPerSecond">Billions of floating-point operations in a second; a multiplication and an addition are two.</param>
public sealed record ProductSpeed(string Name, int Rows, int Depth, int Columns, int Threads, double GigaflopsPerSecond)
{
    private const int LeastRuns = 3;

    private static readonly (string Name, int Rows, int Depth, int Columns)[] Shapes =
    [
        ("square", 1024, 1024, 1024),
        ("BERT base, feed-forward", 512, 768, 3072),
        ("small model, projection", 1024, 128, 128),
        ("vocabulary of 30522", 128, 768, 30522),
        ("one token", 1, 768, 3072),
    ];

    /// <summary>Measures products as models have them, with one thread and, where there are more, with all.</summary>
    /// <param name="time">How long to measure each; the best run counts, because everything else on the machine only slows down.</param>
    /// <param name="cancellation">Looked at between measurements.</param>
    public static IReadOnlyList<ProductSpeed> MeasureAll(TimeSpan time, CancellationToken cancellation = default)
    {
        var all = Workers.Count;
        int[] threadCounts = all == 1 ? [1] : [1, all];
        List<ProductSpeed> speeds = [];
        try
        {
            foreach (var (name, rows, depth, columns) in Shapes)
            {
                foreach (var threads in threadCounts)
                {
                    cancellation.ThrowIfCancellationRequested();
                    Workers.Count = threads;
                    speeds.Add(new ProductSpeed(name, rows, depth, columns, threads, Measure(rows, depth, columns, time)));
                }
            }
        }
        finally
        {
            Workers.Count = all;
        }

        return speeds;
    }

    private static unsafe double Measure(int rows, int depth, int columns, TimeSpan time)
    {
        NativeBuffer a = new((long)rows * depth), b = new((long)depth * columns), c = new((long)rows * columns);
        // Ordinary numbers: zeros and denormals could be faster or slower than what models compute with.
        new Span<float>(a.Pointer, rows * depth).Fill(0.5f);
        new Span<float>(b.Pointer, depth * columns).Fill(0.25f);
        MatrixView left = new(a.Pointer, rows, depth), right = new(b.Pointer, depth, columns), product = new(c.Pointer, rows, columns);
        Gemm.Multiply(left, right, product);
        var best = TimeSpan.MaxValue;
        var begin = Stopwatch.GetTimestamp();
        for (var run = 0; run < LeastRuns || Stopwatch.GetElapsedTime(begin) < time; run++)
        {
            var start = Stopwatch.GetTimestamp();
            Gemm.Multiply(left, right, product);
            var elapsed = Stopwatch.GetElapsedTime(start);
            if (elapsed < best)
                best = elapsed;
        }

        GC.KeepAlive(a);
        GC.KeepAlive(b);
        GC.KeepAlive(c);
        return 2.0 * rows * depth * columns / best.TotalSeconds / 1e9;
    }
}
