using Attune.Tensors.Autograd;
using Attune.Tensors.Kernels.CrossEntropy;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Ops;

/// <summary>How the losses of rows become one result.</summary>
public enum LossReduction
{
    /// <summary>Their sum divided by the number of rows that count; 0 if none counts.</summary>
    Mean,

    /// <summary>Their sum.</summary>
    Sum,

    /// <summary>One loss a row; 0 in rows that do not count.</summary>
    None,
}

/// <summary>The cross-entropy between logits and labels.</summary>
public static unsafe class CrossEntropyOperation
{
    /// <summary>
    /// -(1 - smoothing) log softmax(z)[label] - smoothing mean(log softmax(z)) over the rows whose label is not ignored.
    /// </summary>
    /// <param name="tape">The tape of the step.</param>
    /// <param name="logits">[.., classes]</param>
    /// <param name="labels">One label a row; copied, so the memory may be reused at once.</param>
    /// <param name="ignore">The label of rows that do not count.</param>
    /// <param name="smoothing">The share of the target spread evenly over all classes (Szegedy et al. 2015, arXiv:1512.00567).</param>
    /// <param name="reduction">Mean or sum over rows (a scalar), or one loss a row ([rows]).</param>
    /// <exception cref="ArgumentException">There is not one label a row.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A label is neither a class nor ignored, or smoothing is outside of 0..1.</exception>
    public static Tensor CrossEntropy(
        this Tape tape, Tensor logits, ReadOnlyMemory<int> labels, int ignore = -100, float smoothing = 0,
        LossReduction reduction = LossReduction.Mean)
    {
        if (logits.Shape.Rank == 0)
            throw new ArgumentException("CrossEntropy: logits must have a last axis of classes; they are a scalar.", nameof(logits));
        int rows = logits.Shape.Rows, width = logits.Shape.Width;
        int counted = LabelRules.Check(nameof(CrossEntropy), labels.Span, rows, width, ignore, smoothing);
        Tensor output = tape.Allocate(reduction == LossReduction.None ? [rows] : Shape.Of(), logits.RequiresGradient);
        if (!tape.Computes())
            return output;

        int* kept = EmbeddingOperation.CopyIds(tape.Arena, labels.Span);
        float* logSums = tape.Arena.Allocate(rows);
        float* losses = reduction == LossReduction.None ? output.Pointer : tape.Arena.Allocate(rows);
        float factor = reduction == LossReduction.Mean ? 1f / Math.Max(counted, 1) : 1;
        LaneKernel.Run(new CrossEntropyForward
        {
            Logits = logits.Pointer,
            Labels = kept,
            Ignored = ignore,
            Smoothing = smoothing,
            Losses = losses,
            LogSums = logSums,
            Rows = rows,
            Width = width,
            Stride = width,
        });
        if (reduction != LossReduction.None)
        {
            *output.Pointer = (float)(LabelRules.Total(losses, rows) * factor);
            tape.Arena.Release(losses, rows);
        }
        tape.Record(output, () =>
        {
            float* gradient = output.Gradient!.Pointer;
            LaneKernel.Run(new CrossEntropyBackward
            {
                Logits = logits.Pointer,
                Labels = kept,
                Ignored = ignore,
                Smoothing = smoothing,
                LogSums = logSums,
                Factor = reduction == LossReduction.None ? 1 : *gradient * factor,
                RowFactors = reduction == LossReduction.None ? gradient : null,
                Gradient = logits.Gradient!.Target(out bool accumulate),
                Accumulate = accumulate,
                Rows = rows,
                Width = width,
            });
        });
        return output;
    }
}
