using Attune.Tensors.Autograd;
using Attune.Tensors.Kernels;

namespace Attune.Tensors.Ops;

/// <summary>Normalisation of the channels of images.</summary>
public static unsafe class ChannelNormOperations
{
    /// <summary>
    /// Batch normalisation (Ioffe and Szegedy 2015, arXiv:1502.03167) of <c>[n, C, ..]</c>. While the tape trains, each channel is normalised with
    /// its own mean and biased variance over the batch, and the running statistics become
    /// <c>(1 - momentum) * old + momentum * batch</c> (with the unbiased variance). Otherwise the running statistics normalise.
    /// </summary>
    /// <param name="tape">The tape.</param>
    /// <param name="x"><c>[n, C, ..]</c>.</param>
    /// <param name="weight"><c>[C]</c>, or null.</param>
    /// <param name="bias"><c>[C]</c>, or null.</param>
    /// <param name="runningMean"><c>[C]</c>, a buffer that is not trained.</param>
    /// <param name="runningVariance"><c>[C]</c>, a buffer that is not trained.</param>
    /// <param name="momentum">The weight of the batch in the running statistics.</param>
    /// <param name="epsilon">Added to variances.</param>
    /// <param name="batchStatistics">Whether to use the batch's statistics; if absent, whether the tape trains.</param>
    /// <exception cref="ArgumentException">The shapes do not fit, or a batch of one element a channel is to be trained on.</exception>
    public static Tensor BatchNorm(
        this Tape tape, Tensor x, Tensor? weight, Tensor? bias, Tensor runningMean, Tensor runningVariance,
        float momentum = 0.1f, float epsilon = 1e-5f, bool? batchStatistics = null)
    {
        const string name = nameof(BatchNorm);
        int channels = Channels(name, x, weight, bias);
        ShapeRules.Same(name, "the channels", [channels], nameof(runningMean), runningMean.Shape);
        ShapeRules.Same(name, "the channels", [channels], nameof(runningVariance), runningVariance.Shape);
        bool learns = batchStatistics ?? tape.Training;
        var norm = new ChannelNormalization(x.Shape[0], channels, ShapeRules.Inner(x.Shape, 1), 0);
        if (learns && norm.SetCount == 1)
            throw new ArgumentException($"{name}: a batch {x.Shape} has one element a channel; there is nothing to take a variance of.", nameof(x));
        Tensor output = tape.Allocate(x.Shape, Required(x, weight, bias));
        if (!tape.Computes())
            return output;

        float* means = tape.Arena.Allocate(channels), inverses = tape.Arena.Allocate(channels);
        if (learns)
        {
            norm.Statistics(x.Pointer, means, inverses);
            double unbiased = norm.SetCount / (norm.SetCount - 1.0);
            for (int c = 0; c < channels; c++)
            {
                runningMean.Pointer[c] = (1 - momentum) * runningMean.Pointer[c] + momentum * means[c];
                runningVariance.Pointer[c] = (1 - momentum) * runningVariance.Pointer[c] + (float)(momentum * unbiased * inverses[c]);
            }
        }
        else
        {
            runningMean.Span.CopyTo(new Span<float>(means, channels));
            runningVariance.Span.CopyTo(new Span<float>(inverses, channels));
        }
        Finish(tape, norm, x, weight, bias, means, inverses, epsilon, fixedStatistics: !learns, output);
        return output;
    }

    /// <summary>
    /// Group normalisation (Wu and He 2018, arXiv:1803.08494) of <c>[n, C, ..]</c>: neighbouring channels of one image share a mean and a
    /// biased variance.
    /// </summary>
    /// <exception cref="ArgumentException">The shapes do not fit, or the groups do not divide the channels.</exception>
    public static Tensor GroupNorm(this Tape tape, Tensor x, int groups, Tensor? weight, Tensor? bias, float epsilon = 1e-5f)
    {
        int channels = Channels(nameof(GroupNorm), x, weight, bias);
        if (groups < 1 || channels % groups != 0)
            throw new ArgumentException($"GroupNorm: {groups} groups do not divide the {channels} channels of {x.Shape}.", nameof(groups));
        var norm = new ChannelNormalization(x.Shape[0], channels, ShapeRules.Inner(x.Shape, 1), groups);
        Tensor output = tape.Allocate(x.Shape, Required(x, weight, bias));
        if (!tape.Computes())
            return output;
        float* means = tape.Arena.Allocate(norm.Sets), inverses = tape.Arena.Allocate(norm.Sets);
        norm.Statistics(x.Pointer, means, inverses);
        Finish(tape, norm, x, weight, bias, means, inverses, epsilon, fixedStatistics: false, output);
        return output;
    }

    /// <summary>Turns variances into inverse deviations in place, fills the output and remembers the backward.</summary>
    private static void Finish(
        Tape tape, ChannelNormalization norm, Tensor x, Tensor? weight, Tensor? bias, float* means, float* inverses, float epsilon,
        bool fixedStatistics, Tensor output)
    {
        for (int set = 0; set < norm.Sets; set++)
            inverses[set] = (float)(1 / Math.Sqrt((double)inverses[set] + epsilon));
        norm.Apply(x.Pointer, means, inverses, weight is null ? null : weight.Pointer, bias is null ? null : bias.Pointer, output.Pointer);
        tape.Record(output, () => norm.Backward(x, output, means, inverses, weight, bias, fixedStatistics));
    }

    private static int Channels(string name, Tensor x, Tensor? weight, Tensor? bias)
    {
        if (x.Shape.Rank < 2)
            throw new ArgumentException($"{name}: x must be [n, C, ..]; its shape is {x.Shape}.", nameof(x));
        Shape channels = [x.Shape[1]];
        ShapeRules.Same(name, "the channels", channels, nameof(weight), weight?.Shape ?? channels);
        ShapeRules.Same(name, "the channels", channels, nameof(bias), bias?.Shape ?? channels);
        return x.Shape[1];
    }

    private static bool Required(Tensor x, Tensor? weight, Tensor? bias) =>
        x.RequiresGradient || weight is { RequiresGradient: true } || bias is { RequiresGradient: true };
}
