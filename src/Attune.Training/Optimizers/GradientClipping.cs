namespace Attune.Training.Optimizers;

/// <summary>Limits the norm of all gradients together (Pascanu et al. 2013, arXiv:1211.5063).</summary>
public static class GradientClipping
{
    private const double Epsilon = 1e-6;

    /// <summary>What gradients of a total norm are to be multiplied with so that it becomes at most <paramref name="limit"/>.</summary>
    public static float Scale(double norm, double? limit) =>
        limit is { } most ? (float)Math.Min(1, most / (norm + Epsilon)) : 1;
}
