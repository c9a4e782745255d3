using Attune.Tensors;
using Attune.Tensors.Kernels;

namespace Attune.Training.Optimizers;

/// <summary>
/// Adafactor (Shazeer and Stern 2018, arXiv:1804.04235): a matrix keeps the mean squared gradients of its rows and columns only, so
/// that its state is far smaller than Adam's.
/// </summary>
public sealed record Adafactor : IUpdateRule
{
    /// <inheritdoc/>
    public string Name => "adafactor";

    /// <summary>Added to squared gradients.</summary>
    public double Epsilon { get; init; } = 1e-30;

    /// <summary>The least size of a parameter when the rate is multiplied with it.</summary>
    public double LeastScale { get; init; } = 1e-3;

    /// <summary>The largest root mean square of an update before the rate.</summary>
    public double ClipThreshold { get; init; } = 1;

    /// <summary>The mean squared gradients keep <c>1 - step^DecayRate</c> of themselves.</summary>
    public double DecayRate { get; init; } = -0.8;

    /// <summary>How much of the last update stays; null for no momentum.</summary>
    public double? Beta1 { get; init; }

    /// <summary>Whether the rate is multiplied with the root mean square of the parameter.</summary>
    public bool ScaleByParameter { get; init; } = true;

    /// <summary>Ignore the schedule and use the rate that follows from the step: <c>min(1e-2, 1 / sqrt(step))</c>.</summary>
    public bool RelativeStep { get; init; }

    /// <summary>With <see cref="RelativeStep"/>: begin with <c>1e-6 step</c> in place of 1e-2.</summary>
    public bool WarmupInit { get; init; }

    /// <summary>A matrix with a smaller side keeps a number for each element, as if it were none.</summary>
    public int LeastFactoredSize { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<StateSlot> Slots(Shape parameter)
    {
        List<StateSlot> slots = [];
        if (IsFactored(parameter))
        {
            int[] extents = parameter.ToArray();
            slots.Add(new("row_square", Shape.Of(extents.AsSpan()[..^1])));
            slots.Add(new("column_square", Shape.Of([.. extents.AsSpan()[..^2], extents[^1]])));
        }
        else
        {
            slots.Add(new("square", parameter));
        }
        if (Beta1 is not null)
            slots.Add(new("mean", parameter));
        return slots;
    }

    /// <inheritdoc/>
    public unsafe void Update(Tensor value, Tensor gradient, ReadOnlySpan<Tensor> slots, in UpdateSettings settings)
    {
        var step = new AdafactorStep
        {
            Rate = RelativeStep ? AdafactorStep.RelativeRate(settings.Step, WarmupInit) : settings.Rate,
            Step = settings.Step,
            Epsilon = Epsilon,
            LeastScale = LeastScale,
            ScaleByParameter = ScaleByParameter,
            ClipThreshold = ClipThreshold,
            DecayRate = DecayRate,
            Beta1 = Beta1,
            Decay = settings.WeightDecay,
            GradientScale = settings.GradientScale,
        };
        float* mean = Beta1 is null ? null : slots[^1].Pointer;
        Shape shape = value.Shape;
        if (IsFactored(shape))
        {
            long matrix = (long)shape[-2] * shape[-1];
            step.RunFactored(
                value.Pointer, gradient.Pointer, matrix == 0 ? 0 : value.Count / matrix, shape[-2], shape[-1],
                slots[0].Pointer, slots[1].Pointer, mean);
        }
        else
        {
            step.Run(value.Pointer, gradient.Pointer, value.Count, slots[0].Pointer, mean);
        }
    }

    private bool IsFactored(Shape shape) => shape.Rank >= 2 && Math.Min(shape[-1], shape[-2]) >= LeastFactoredSize;
}
