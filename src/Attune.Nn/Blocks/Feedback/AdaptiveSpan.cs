using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Nn.Blocks.Feedback;

/// <summary>How far back attention reaches, where that is learned (Sukhbaatar et al. 2019, arXiv:1905.07799).</summary>
/// <param name="Ramp">Over how many steps weights fall from whole to nothing.</param>
public sealed record AdaptiveSpanOptions(float Ramp)
{
    /// <summary>What share of the window is seen at first.</summary>
    public float Start { get; init; }

    /// <summary>What a step of span costs in the loss.</summary>
    public float Penalty { get; init; }

    /// <summary>Whether all heads of a layer have one span.</summary>
    public bool SharedByHeads { get; init; }
}

/// <summary>
/// A soft mask over a window of steps: the weight of the step <c>d</c> back is <c>clamp((ratio * span - d) / ramp + 1, 0, 1)</c>, where the ratio,
/// from 0 to 1, is learned for each head.
/// </summary>
internal sealed class AdaptiveSpan : Module
{
    // As the reference guards against windows that are hidden whole.
    private const float Least = 1e-8f;

    private readonly AdaptiveSpanOptions _options;
    private readonly int _span;
    private readonly Parameter _ratio;

    /// <summary>Declares the ratios.</summary>
    public AdaptiveSpan(AdaptiveSpanOptions options, int heads, int span)
    {
        (_options, _span) = (options, span);
        Shape shape = options.SharedByHeads ? [1] : [heads, 1, 1];
        _ratio = Own("ratio", new Parameter(shape, Initializer.Filled(options.Start), ParameterRole.Scale) { Range = (0, 1) });
    }

    /// <summary>Hides attention weights <c>[sequences, heads, queries, span]</c>, the oldest step first, and makes what is left add up to 1.</summary>
    public Tensor Apply(Tape tape, Tensor weights)
    {
        float[] back = new float[_span];
        for (int place = 0; place < _span; place++)
            back[place] = (place + 1 - _span) / _options.Ramp + 1;
        Tensor height = tape.Add(Tensor.From([_span], back), tape.Scale(_ratio.Value, _span / _options.Ramp));
        // clamp(h, 0, 1) = 1 - relu(1 - relu(h))
        Tensor gap = tape.Activate(tape.AddScalar(tape.Negate(tape.Activate(height, Activation.Relu)), 1), Activation.Relu);
        Tensor seen = tape.Multiply(weights, tape.AddScalar(tape.Negate(gap), 1));
        return tape.Divide(seen, tape.AddScalar(tape.Sum(seen, -1, keepAxis: true), Least));
    }

    /// <summary>What the span costs: the mean of the heads' spans in steps, times the penalty.</summary>
    public Tensor Cost(Tape tape) => tape.Scale(tape.Mean(_ratio.Value), _options.Penalty * _span);
}
