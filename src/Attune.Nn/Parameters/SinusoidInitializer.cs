using Attune.Tensors.Random;

namespace Attune.Nn.Parameters;

/// <summary>Positions as sines and cosines by turns, as DistilBERT's table starts where it is asked to (<c>sinusoidal_pos_embds</c>).</summary>
/// <param name="Width">The columns of the table.</param>
public sealed record SinusoidInitializer(int Width) : Initializer
{
    private const double Slowest = 10000;

    /// <inheritdoc/>
    public override void Fill(Span<float> values, RandomStream random)
    {
        for (int i = 0; i < values.Length; i++)
        {
            int row = i / Width, column = i % Width;
            double angle = row / Math.Pow(Slowest, 2 * (column / 2) / (double)Width);
            values[i] = (float)(column % 2 == 0 ? Math.Sin(angle) : Math.Cos(angle));
        }
    }
}
