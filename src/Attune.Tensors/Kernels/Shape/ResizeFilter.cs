using Attune.Tensors.Lanes;
using Attune.Tensors.Ops;

namespace Attune.Tensors.Kernels;

/// <summary>The weights with which the positions of an axis make up those of its resized form.</summary>
internal sealed unsafe class ResizeFilter
{
    private readonly int _from;
    private readonly int _to;
    private readonly int[] _starts;
    private readonly float[][] _weights;

    public ResizeFilter(int from, int to, Interpolation interpolation, bool antialias)
    {
        _from = from;
        _to = to;
        _starts = new int[to];
        _weights = new float[to][];
        double scale = (double)from / to, a = antialias ? -0.5 : -0.75;
        double reach = interpolation == Interpolation.Linear ? 1 : 2;
        double stretch = antialias ? Math.Max(scale, 1) : 1;
        for (int o = 0; o < to; o++)
        {
            // Positions count from the left border of the first one, so that position i has its centre at i + 1/2.
            double centre = (o + 0.5) * scale;
            if (antialias)
                Widened(o, centre, reach * stretch, d => Weight(interpolation, a, d / stretch));
            else
                Clamped(o, centre - 0.5, interpolation, a);
        }
    }

    /// <summary>y[o, i, k] = sum of weights[i, j] * x[o, start[i] + j, k].</summary>
    public void Forward(float* x, long outer, long inner, float* y) =>
        RangeKernel.Run(outer, RangeKernel.Rows(inner * _to), new ForwardKernel(this, x, inner, y));

    /// <summary>Every position gets its weights' share of the gradients of what it took part in.</summary>
    public void Backward(float* gradient, long outer, long inner, float* target, bool accumulate) =>
        RangeKernel.Run(outer, RangeKernel.Rows(inner * _to), new BackwardKernel(this, gradient, inner, target, accumulate));

    /// <summary>Pixels within reach of a filter that grows as the image shrinks; what lies outside is left out and the rest made up to 1.</summary>
    private void Widened(int o, double centre, double support, Func<double, double> weight)
    {
        int first = Math.Max((int)(centre - support + 0.5), 0), last = Math.Min((int)(centre + support + 0.5), _from);
        double[] values = new double[last - first];
        for (int j = 0; j < values.Length; j++)
            values[j] = weight(first + j + 0.5 - centre);
        double total = values.Sum();
        _starts[o] = first;
        _weights[o] = Array.ConvertAll(values, v => (float)(v / total));
    }

    /// <summary>The two or four nearest pixels; those outside are replaced by the border.</summary>
    private void Clamped(int o, double centre, Interpolation interpolation, double a)
    {
        bool linear = interpolation == Interpolation.Linear;
        if (linear)
            centre = Math.Max(centre, 0);
        int nearest = (int)Math.Floor(centre), first = linear ? nearest : nearest - 1, count = linear ? 2 : 4;
        int start = Math.Clamp(first, 0, _from - 1), end = Math.Clamp(first + count - 1, 0, _from - 1);
        float[] values = new float[end - start + 1];
        for (int j = first; j < first + count; j++)
            values[Math.Clamp(j, 0, _from - 1) - start] += (float)Weight(interpolation, a, j - centre);
        _starts[o] = start;
        _weights[o] = values;
    }

    private static double Weight(Interpolation interpolation, double a, double distance)
    {
        double d = Math.Abs(distance);
        if (interpolation == Interpolation.Linear)
            return Math.Max(0, 1 - d);
        return d switch
        {
            <= 1 => ((a + 2) * d - (a + 3)) * d * d + 1,
            < 2 => ((a * d - 5 * a) * d + 8 * a) * d - 4 * a,
            _ => 0,
        };
    }

    private readonly struct ForwardKernel(ResizeFilter filter, float* x, long inner, float* y) : IRangeKernel
    {
        public void Run<T>(long start, long end)
            where T : struct, ILanes<T>
        {
            for (long o = start; o < end; o++)
            {
                for (int i = 0; i < filter._to; i++)
                {
                    float[] weights = filter._weights[i];
                    float* from = x + (o * filter._from + filter._starts[i]) * inner;
                    float* to = y + (o * filter._to + i) * inner;
                    for (long k = 0; k < inner; k++)
                    {
                        float sum = 0;
                        for (int j = 0; j < weights.Length; j++)
                            sum += weights[j] * from[j * inner + k];
                        to[k] = sum;
                    }
                }
            }
        }
    }

    private readonly struct BackwardKernel(ResizeFilter filter, float* gradient, long inner, float* target, bool accumulate) : IRangeKernel
    {
        public void Run<T>(long start, long end)
            where T : struct, ILanes<T>
        {
            for (long o = start; o < end; o++)
            {
                if (!accumulate)
                    BlockCopy.Fill(target + o * filter._from * inner, 0, 1, filter._from * inner, 0);
                for (int i = 0; i < filter._to; i++)
                {
                    float[] weights = filter._weights[i];
                    float* above = gradient + (o * filter._to + i) * inner;
                    float* to = target + (o * filter._from + filter._starts[i]) * inner;
                    for (int j = 0; j < weights.Length; j++)
                    {
                        for (long k = 0; k < inner; k++)
                            to[j * inner + k] += weights[j] * above[k];
                    }
                }
            }
        }
    }
}
