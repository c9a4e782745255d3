using System.Diagnostics;
using Attune.Bench.Rates;
using Attune.Tensors;
using Attune.Tensors.Kernels.Gemm;
using Attune.Tensors.Memory;

namespace Attune.Bench.Products;

/// <summary>The operands of one product, and how long Attune takes for it.</summary>
internal sealed unsafe class ProductRun : IDisposable
{
    private readonly NativeBuffer memory;
    private readonly MatrixView a;
    private readonly MatrixView b;
    private readonly MatrixView c;
    private readonly Precision precision;

    public ProductRun(ProductShape shape, Precision precision = Precision.Float32)
    {
        this.precision = precision;
        var sizeOfA = (long)shape.Rows * shape.Depth;
        var sizeOfB = (long)shape.Depth * shape.Columns;
        memory = new NativeBuffer(sizeOfA + sizeOfB + ((long)shape.Rows * shape.Columns));
        for (long i = 0; i < memory.Count; i++)
            memory.Pointer[i] = (i % 1021) / 1021f;
        a = View(memory.Pointer, shape.Rows, shape.Depth, shape.TransposeA);
        b = View(memory.Pointer + sizeOfA, shape.Depth, shape.Columns, shape.TransposeB);
        c = new MatrixView(memory.Pointer + sizeOfA + sizeOfB, shape.Rows, shape.Columns);
    }

    /// <summary>Computes the product once.</summary>
    public void Multiply() => Gemm.Multiply(precision, a, b, c, accumulate: false, default(NoEpilogue));

    /// <summary>The best time, in seconds, of as many products as fit into <paramref name="seconds"/>.</summary>
    public double BestTime(double seconds) => Best(Multiply, seconds);

    /// <summary>The best time, in seconds, for reading B once and doing nothing with it.</summary>
    public double BestReadingTime(double seconds)
    {
        var bytes = (long)b.Rows * b.Columns * sizeof(float);
        return Best(() => MemoryReader.Read(b.Data, bytes), seconds);
    }

    public void Dispose() => memory.Free();

    private static MatrixView View(float* data, int rows, int columns, bool transposed) =>
        transposed ? new MatrixView(data, columns, rows).Transposed : new MatrixView(data, rows, columns);

    private static double Best(Action action, double seconds)
    {
        var best = double.MaxValue;
        var start = Stopwatch.GetTimestamp();
        for (var calls = 0; calls < 2 || Stopwatch.GetElapsedTime(start).TotalSeconds < seconds; calls++)
        {
            var before = Stopwatch.GetTimestamp();
            action();
            best = Math.Min(best, Stopwatch.GetElapsedTime(before).TotalSeconds);
        }

        return best;
    }
}
