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
}
