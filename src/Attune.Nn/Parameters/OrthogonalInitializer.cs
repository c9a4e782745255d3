using Attune.Tensors.Random;

namespace Attune.Nn.Parameters;

/// <summary>A matrix whose rows, or columns if those are fewer, are orthogonal and all of one length (Saxe et al. 2014, arXiv:1312.6120).</summary>
/// <param name="Rows">Its rows.</param>
/// <param name="Columns">Its columns.</param>
/// <param name="Gain">The length.</param>
public sealed record OrthogonalInitializer(int Rows, int Columns, float Gain) : Initializer
{
    /// <inheritdoc/>
    public override void Fill(Span<float> values, RandomStream random)
    {
        int count = Math.Min(Rows, Columns), length = Math.Max(Rows, Columns);
        double[][] vectors = new double[count][];
        for (int v = 0; v < count; v++)
        {
            vectors[v] = new double[length];
            for (int i = 0; i < length; i++)
                vectors[v][i] = random.Normal((long)v * length + i);
            foreach (double[] earlier in vectors.AsSpan(0, v))
            {
                double along = Dot(vectors[v], earlier);
                for (int i = 0; i < length; i++)
                    vectors[v][i] -= along * earlier[i];
            }
            double size = Math.Sqrt(Dot(vectors[v], vectors[v]));
            for (int i = 0; i < length; i++)
                vectors[v][i] /= size;
        }
        for (int row = 0; row < Rows; row++)
        {
            for (int column = 0; column < Columns; column++)
                values[row * Columns + column] = Gain * (float)(Rows <= Columns ? vectors[row][column] : vectors[column][row]);
        }
    }

    private static double Dot(double[] a, double[] b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
            sum += a[i] * b[i];
        return sum;
    }
}
