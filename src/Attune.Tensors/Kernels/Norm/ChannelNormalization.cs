using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;
using Attune.Tensors.Memory;

namespace Attune.Tensors.Kernels;

/// <summary>
/// Normalisation of <c>[images, channels, inner]</c> with one mean and variance for a set of planes: the same channel of all images (batch
/// norm), or neighbouring channels of one image (group norm). Each plane is a piece of work; the few numbers that planes leave are
/// combined in order.
/// </summary>
/// <param name="Images">The number of images.</param>
/// <param name="Channels">The number of channels.</param>
/// <param name="Inner">Elements of a plane.</param>
/// <param name="Groups">Groups of channels within an image; 0 when a channel's set goes across all images.</param>
internal readonly unsafe record struct ChannelNormalization(int Images, int Channels, long Inner, int Groups)
{
    /// <summary>The number of means and variances.</summary>
    public int Sets => Groups == 0 ? Channels : Images * Groups;

    /// <summary>Elements behind each of them.</summary>
    public long SetCount => Sets == 0 ? 0 : Planes * Inner / Sets;

    private long Planes => (long)Images * Channels;

    /// <summary>The mean and the (biased) variance of each set.</summary>
    public void Statistics(float* x, float* means, float* variances)
    {
        float* planes = ThreadScratch.Shared(Planes + 2L * Sets);
        double* sums = (double*)planes;
        planes += 2L * Sets;
        RangeKernel.Run(Planes, RangeKernel.Rows(Inner), new SumKernel(this, x, null, planes));
        Combine(planes, sums);
        for (int set = 0; set < Sets; set++)
            means[set] = (float)(sums[set] / SetCount);
        RangeKernel.Run(Planes, RangeKernel.Rows(Inner), new SumKernel(this, x, means, planes));
        Combine(planes, sums);
        for (int set = 0; set < Sets; set++)
            variances[set] = (float)(sums[set] / SetCount);
    }

    /// <summary>y = (x - mean) * inverse deviation * weight + bias; weight and bias may be null.</summary>
    public void Apply(float* x, float* means, float* inverses, float* weight, float* bias, float* y) =>
        RangeKernel.Run(Planes, RangeKernel.Rows(Inner), new ApplyKernel(this, x, means, inverses, weight, bias, y));

    /// <summary>Adds to the gradients of what <see cref="Apply"/> took, as far as they are wanted.</summary>
    /// <param name="x">The inputs.</param>
    /// <param name="output">The result.</param>
    /// <param name="means">The means.</param>
    /// <param name="inverses">The inverse deviations.</param>
    /// <param name="weight">One number a channel, or null.</param>
    /// <param name="bias">One number a channel, or null.</param>
    /// <param name="fixedStatistics">Whether means and deviations are constants rather than functions of x.</param>
    public void Backward(Tensor x, Tensor output, float* means, float* inverses, Tensor? weight, Tensor? bias, bool fixedStatistics)
    {
        float* gradient = output.Gradient!.Pointer;
        float* scratch = ThreadScratch.Shared(2 * Planes + 4L * Sets);
        double* meanSum = (double*)scratch;
        double* meanProduct = meanSum + Sets;
        float* sum = scratch + 4L * Sets;
        float* product = sum + Planes;
        RangeKernel.Run(Planes, RangeKernel.Rows(Inner), new GradientSumKernel(this, x.Pointer, gradient, means, inverses, sum, product));
        SumOverImages(product, weight);
        SumOverImages(sum, bias);
        if (!x.RequiresGradient)
            return;

        float* scale = weight is null ? null : weight.Pointer;
        new Span<double>(meanSum, 2 * Sets).Clear();
        for (long plane = 0; plane < Planes && !fixedStatistics; plane++)
        {
            float factor = scale is null ? 1 : scale[plane % Channels];
            meanSum[Set(plane)] += factor * sum[plane] / SetCount;
            meanProduct[Set(plane)] += factor * product[plane] / SetCount;
        }
        float* target = x.Gradient!.Target(out bool accumulate);
        RangeKernel.Run(
            Planes, RangeKernel.Rows(Inner),
            new InputGradientKernel(this, x.Pointer, gradient, means, inverses, scale, meanSum, meanProduct, target, accumulate));
    }

    private int Set(long plane) =>
        Groups == 0 ? (int)(plane % Channels) : (int)(plane / Channels) * Groups + (int)(plane % Channels) / (Channels / Groups);

    private void Combine(float* planes, double* sets)
    {
        new Span<double>(sets, Sets).Clear();
        for (long plane = 0; plane < Planes; plane++)
            sets[Set(plane)] += planes[plane];
    }

    private void SumOverImages(float* planes, Tensor? parameter)
    {
        if (parameter is not { RequiresGradient: true })
            return;
        float* target = parameter.Gradient!.Target(out bool accumulate);
        for (int channel = 0; channel < Channels; channel++)
        {
            double sum = accumulate ? target[channel] : 0;
            for (int image = 0; image < Images; image++)
                sum += planes[(long)image * Channels + channel];
            target[channel] = (float)sum;
        }
    }

    /// <summary>The sum of each plane, or of its squared distances from the mean.</summary>
    private readonly struct SumKernel(ChannelNormalization norm, float* x, float* means, float* sums) : IRangeKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<T>(long start, long end)
            where T : struct, ILanes<T>
        {
            for (long plane = start; plane < end; plane++)
            {
                float* from = x + plane * norm.Inner;
                T mean = T.Broadcast(means is null ? 0 : means[norm.Set(plane)]), sum = T.Zero;
                for (long i = 0; i < norm.Inner; i += T.Width)
                {
                    int lanes = (int)Math.Min(T.Width, norm.Inner - i);
                    T value = T.LoadPartial(from + i, lanes) - mean & T.FirstLanes(lanes);
                    sum = means is null ? sum + value : T.Fma(value, value, sum);
                }
                sums[plane] = T.Sum(sum);
            }
        }
    }

    private readonly struct ApplyKernel(ChannelNormalization norm, float* x, float* means, float* inverses, float* weight, float* bias, float* y) : IRangeKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<T>(long start, long end)
            where T : struct, ILanes<T>
        {
            for (long plane = start; plane < end; plane++)
            {
                int set = norm.Set(plane), channel = (int)(plane % norm.Channels);
                T mean = T.Broadcast(means[set]), factor = T.Broadcast(weight is null ? inverses[set] : weight[channel] * inverses[set]);
                T shift = T.Broadcast(bias is null ? 0 : bias[channel]);
                for (long i = plane * norm.Inner; i < (plane + 1) * norm.Inner; i += T.Width)
                {
                    int lanes = (int)Math.Min(T.Width, (plane + 1) * norm.Inner - i);
                    T.StorePartial(y + i, T.Fma(T.LoadPartial(x + i, lanes) - mean, factor, shift), lanes);
                }
            }
        }
    }

    /// <summary>The sums of dy, and of dy times the normalised x, of each plane.</summary>
    private readonly struct GradientSumKernel(
        ChannelNormalization norm, float* x, float* gradient, float* means, float* inverses, float* sums, float* products) : IRangeKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<T>(long start, long end)
            where T : struct, ILanes<T>
        {
            for (long plane = start; plane < end; plane++)
            {
                int set = norm.Set(plane);
                T mean = T.Broadcast(means[set]), sum = T.Zero, product = T.Zero;
                for (long i = plane * norm.Inner; i < (plane + 1) * norm.Inner; i += T.Width)
                {
                    int lanes = (int)Math.Min(T.Width, (plane + 1) * norm.Inner - i);
                    T dy = T.LoadPartial(gradient + i, lanes);
                    sum += dy;
                    product = T.Fma(dy, T.LoadPartial(x + i, lanes) - mean, product);
                }
                sums[plane] = T.Sum(sum);
                products[plane] = T.Sum(product) * inverses[set];
            }
        }
    }

    /// <summary>dx = inverse * (w dy - mean(w dy) - normalised x * mean(w dy * normalised x)).</summary>
    private readonly struct InputGradientKernel(
        ChannelNormalization norm, float* x, float* gradient, float* means, float* inverses, float* weight, double* meanSums, double* meanProducts,
        float* target, bool accumulate) : IRangeKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<T>(long start, long end)
            where T : struct, ILanes<T>
        {
            for (long plane = start; plane < end; plane++)
            {
                int set = norm.Set(plane);
                T mean = T.Broadcast(means[set]), inverse = T.Broadcast(inverses[set]);
                T factor = T.Broadcast(weight is null ? 1 : weight[plane % norm.Channels]);
                T shift = T.Broadcast((float)meanSums[set]), slope = T.Broadcast((float)meanProducts[set]);
                for (long i = plane * norm.Inner; i < (plane + 1) * norm.Inner; i += T.Width)
                {
                    int lanes = (int)Math.Min(T.Width, (plane + 1) * norm.Inner - i);
                    T normalised = (T.LoadPartial(x + i, lanes) - mean) * inverse;
                    T value = inverse * (factor * T.LoadPartial(gradient + i, lanes) - shift - normalised * slope);
                    T.StorePartial(target + i, accumulate ? value + T.LoadPartial(target + i, lanes) : value, lanes);
                }
            }
        }
    }
}
