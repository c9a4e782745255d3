using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Objectives;

/// <summary>
/// Learning from what drawn tokens have brought, where no gradient passes through the draw (REINFORCE; Williams 1992), with a baseline that is taken
/// off because it narrows the spread of the estimate and leaves its mean as it is.
/// </summary>
internal static class PolicyGradient
{
    /// <summary>A number whose gradient, on average over draws, is that of minus the mean expected reward.</summary>
    /// <param name="tape">The tape.</param>
    /// <param name="logits">The scores that tokens were drawn by, <c>[draws, vocabulary]</c>.</param>
    /// <param name="samples">The drawn tokens.</param>
    /// <param name="rewards">What each has brought.</param>
    /// <param name="baselines">What was to be expected at each place, whatever is drawn there.</param>
    public static Tensor Loss(Tape tape, Tensor logits, ReadOnlySpan<int> samples, ReadOnlySpan<float> rewards, ReadOnlySpan<float> baselines)
    {
        int vocabulary = logits.Shape.Width;
        int[] chosen = new int[samples.Length];
        float[] advantages = new float[samples.Length];
        for (int i = 0; i < chosen.Length; i++)
        {
            chosen[i] = checked(i * vocabulary + samples[i]);
            advantages[i] = rewards[i] - baselines[i];
        }
        Tensor logarithms = tape.LogSoftmax(logits).Reshape([checked(chosen.Length * vocabulary), 1]);
        Tensor weighted = tape.Multiply(tape.GatherRows(logarithms, chosen), Tensor.From([chosen.Length, 1], advantages));
        return tape.Negate(tape.Mean(weighted));
    }
}
