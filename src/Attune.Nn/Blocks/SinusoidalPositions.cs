using Attune.Tensors;

namespace Attune.Nn.Blocks;

/// <summary>Positions as sines and cosines of falling frequencies, which nothing trains (Vaswani et al. 2017, arXiv:1706.03762).</summary>
internal static class SinusoidalPositions
{
    private const double Slowest = 10000;

    /// <summary>
    /// The rows 0 to <paramref name="rows"/> - 1, <c>[rows, width]</c>: the sines in the first half of the columns, the cosines in the second; an
    /// odd last column is zero.
    /// </summary>
    public static Tensor Table(int rows, int width)
    {
        int half = width / 2;
        Tensor table = Tensor.Zeros([rows, width]);
        Span<float> values = table.Span;
        for (int i = 0; i < half; i++)
        {
            double frequency = Math.Exp(-i * Math.Log(Slowest) / Math.Max(1, half - 1));
            for (int row = 0; row < rows; row++)
            {
                values[row * width + i] = (float)Math.Sin(row * frequency);
                values[row * width + half + i] = (float)Math.Cos(row * frequency);
            }
        }
        return table;
    }

    /// <summary>
    /// A row for each distance from <paramref name="from"/> down to <paramref name="to"/>, sines in the first half of the columns (Transformer-XL).
    /// </summary>
    /// <param name="from">The largest distance.</param>
    /// <param name="to">The smallest.</param>
    /// <param name="width">The number of columns, which is even.</param>
    /// <param name="clamp">The distance beyond which all are alike; null if there is none.</param>
    public static Tensor Distances(int from, int to, int width, int? clamp)
    {
        int half = width / 2;
        Tensor table = Tensor.Zeros([from - to + 1, width]);
        Span<float> values = table.Span;
        for (int row = 0; row <= from - to; row++)
        {
            int limit = clamp ?? int.MaxValue;
            float distance = Math.Clamp(from - row, -limit, limit);
            for (int i = 0; i < half; i++)
            {
                // In single precision, as the references have it: over many turns the difference would show.
                float angle = distance * (float)Math.Pow(Slowest, -2.0 * i / width);
                values[row * width + i] = MathF.Sin(angle);
                values[row * width + half + i] = MathF.Cos(angle);
            }
        }
        return table;
    }
}
