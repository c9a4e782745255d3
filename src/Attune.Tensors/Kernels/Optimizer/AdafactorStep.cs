namespace Attune.Tensors.Kernels;

/// <summary>
/// One step of Adafactor (Shazeer and Stern 2018, arXiv:1804.04235). A matrix keeps the mean squared gradient of its rows R and of its
/// columns C only: u = g / sqrt(R C / mean(R)). The step is u, its root mean square brought down to a threshold, times the rate.
/// </summary>
internal readonly record struct AdafactorStep
{
    /// <summary>The learning rate of this step; see <see cref="RelativeRate"/>.</summary>
    public required double Rate { get; init; }

    /// <summary>The number of this step, from 1.</summary>
    public required long Step { get; init; }

    /// <summary>Added to squared gradients.</summary>
    public double Epsilon { get; init; } = 1e-30;

    /// <summary>The least size of a parameter when the rate is multiplied with it.</summary>
    public double LeastScale { get; init; } = 1e-3;

    /// <summary>Whether the rate is multiplied with the root mean square of the parameter before the step.</summary>
    public bool ScaleByParameter { get; init; } = true;

    /// <summary>The largest root mean square of u.</summary>
    public double ClipThreshold { get; init; } = 1;

    /// <summary>The mean squared gradients keep 1 - step^DecayRate of themselves.</summary>
    public double DecayRate { get; init; } = -0.8;

    /// <summary>The decay of the mean step; null for none.</summary>
    public double? Beta1 { get; init; }

    /// <summary>Weight decay, multiplied with the final rate.</summary>
    public double Decay { get; init; }

    /// <summary>What gradients are multiplied with first.</summary>
    public float GradientScale { get; init; } = 1;

    public AdafactorStep()
    {
    }

    /// <summary>The rate that needs no tuning: 1 / sqrt(step), at first at most 1e-2, or with a warm-up 1e-6 * step.</summary>
    public static double RelativeRate(long step, bool warmUp) => Math.Min(warmUp ? 1e-6 * step : 1e-2, 1 / Math.Sqrt(step));

    /// <summary>Updates a parameter of <paramref name="matrices"/> matrices, each <c>[rows, columns]</c>, keeping only the means of their rows and columns.</summary>
    /// <param name="x">The parameter.</param>
    /// <param name="gradient">Its gradient.</param>
    /// <param name="matrices">The product of all extents but the last two.</param>
    /// <param name="rows">The extent before the last.</param>
    /// <param name="columns">The last extent.</param>
    /// <param name="rowMeans">State, <c>[matrices, rows]</c>; zeros before the first step.</param>
    /// <param name="columnMeans">State, <c>[matrices, columns]</c>; zeros before the first step.</param>
    /// <param name="mean">State as large as the parameter, zeros before the first step, if there is a <see cref="Beta1"/>; else null.</param>
    public unsafe void RunFactored(
        float* x, float* gradient, long matrices, long rows, long columns, float* rowMeans, float* columnMeans, float* mean)
    {
        SquaredMeans decay = Squares;
        RangeKernel.Run(matrices * rows, RangeKernel.Rows(columns), new AdafactorMeans.RowKernel(gradient, columns, rowMeans, decay));
        long blocks = (columns + AdafactorMeans.ColumnBlock - 1) / AdafactorMeans.ColumnBlock;
        RangeKernel.Run(matrices * blocks, 1, new AdafactorMeans.ColumnKernel(gradient, rows, columns, blocks, columnMeans, decay));
        Take(x, new AdafactorDirection(gradient, columnMeans, GradientScale, matrices * rows * columns, columns, rowMeans, rows), mean);
    }

    /// <summary>Updates a parameter that keeps the mean squared gradient of every element.</summary>
    /// <param name="x">The parameter.</param>
    /// <param name="gradient">Its gradient.</param>
    /// <param name="count">The number of elements.</param>
    /// <param name="squares">State as large as the parameter; zeros before the first step.</param>
    /// <param name="mean">State as large as the parameter, zeros before the first step, if there is a <see cref="Beta1"/>; else null.</param>
    public unsafe void Run(float* x, float* gradient, long count, float* squares, float* mean)
    {
        Elementwise.Zip(Squares, squares, gradient, squares, count);
        Take(x, new AdafactorDirection(gradient, squares, GradientScale, count), mean);
    }

    private SquaredMeans Squares
    {
        get
        {
            double keep = 1 - Math.Pow(Step, DecayRate);
            return new SquaredMeans((float)keep, (float)(1 - keep), GradientScale * GradientScale, (float)Epsilon);
        }
    }

    private unsafe void Take(float* x, AdafactorDirection direction, float* mean)
    {
        long count = direction.Count;
        double size = Math.Sqrt(direction.SumOfSquares() / count);
        double rate = Rate;
        if (ScaleByParameter)
            rate *= Math.Max(LeastScale, Math.Sqrt(GradientNorm.SumOfSquares(x, count) / count));
        float step = (float)(rate / Math.Max(1, size / ClipThreshold));
        direction.Apply(x, step, (float)(1 - rate * Decay), (float)(Beta1 ?? 0), mean);
    }
}
