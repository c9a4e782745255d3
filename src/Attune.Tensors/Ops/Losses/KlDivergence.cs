using Attune.Tensors.Autograd;
using Attune.Tensors.Kernels;

namespace Attune.Tensors.Ops;

/// <summary>The distance between two predicted distributions.</summary>
public static unsafe class KlDivergenceOperation
{
    /// <summary>
    /// <c>T^2 / rows * sum p_t (log p_t - log p_s)</c>, where p are the softmaxes of logits / T: knowledge distillation (Hinton et al. 2015,
    /// arXiv:1503.02531). Neither softmax is stored.
    /// </summary>
    /// <param name="tape">The tape.</param>
    /// <param name="student">Logits <c>[rows, classes]</c>.</param>
    /// <param name="teacher">Logits of the same shape; no gradient flows to them.</param>
    /// <param name="temperature">T, above 0.</param>
    /// <returns>A scalar; 0 if there are no rows.</returns>
    /// <exception cref="ArgumentException">The shapes differ, the teacher requires a gradient, or the temperature is not positive.</exception>
    public static Tensor KlDivergence(this Tape tape, Tensor student, Tensor teacher, float temperature = 1)
    {
        ShapeRules.Rank(nameof(KlDivergence), nameof(student), student.Shape, 2);
        ShapeRules.Same(nameof(KlDivergence), nameof(student), student.Shape, nameof(teacher), teacher.Shape);
        ShapeRules.Constant(nameof(KlDivergence), nameof(teacher), teacher);
        if (!(temperature > 0))
            throw new ArgumentException($"KlDivergence: the temperature must be above 0; it is {temperature}.", nameof(temperature));
        int rows = student.Shape[0], classes = student.Shape[1];
        Tensor output = tape.Allocate([], student.RequiresGradient);
        if (!tape.Computes())
            return output;

        // The two normalisers of each row are kept, so that the backward needs a single pass.
        float* normalizers = tape.Arena.Allocate(2L * rows);
        float* losses = tape.Arena.Allocate(rows);
        Divergence.Forward(student.Pointer, teacher.Pointer, rows, classes, 1 / temperature, normalizers, losses);
        float scale = rows == 0 ? 0 : temperature * temperature / rows;
        *output.Pointer = (float)(Kernels.Reduction.Fold(default(SumFold), losses, rows) * scale);
        tape.Record(output, () =>
        {
            float* target = student.Gradient!.Target(out bool accumulate);
            Divergence.Backward(
                student.Pointer, teacher.Pointer, rows, classes, 1 / temperature, normalizers, *output.Gradient!.Pointer * scale / temperature, target, accumulate);
        });
        return output;
    }
}
