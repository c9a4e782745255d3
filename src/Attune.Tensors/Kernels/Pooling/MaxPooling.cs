using Attune.Tensors.Lanes;
using Attune.Tensors.Ops;

namespace Attune.Tensors.Kernels;

/// <summary>The largest element under a window that moves over planes <c>[height, width]</c>.</summary>
internal readonly unsafe record struct MaxPooling(
    int Height, int Width, int OutputHeight, int OutputWidth, SlidingWindow Vertical, SlidingWindow Horizontal)
{
    public void Forward(float* x, long planes, float* y) =>
        RangeKernel.Run(planes, RangeKernel.Rows((long)Height * Width), new ForwardKernel(this, x, y));

    /// <summary>The place of each maximum is found again: that needs no memory.</summary>
    public void Backward(float* x, float* gradient, long planes, float* target, bool accumulate) =>
        RangeKernel.Run(planes, RangeKernel.Rows((long)Height * Width), new BackwardKernel(this, x, gradient, target, accumulate));

    /// <summary>Where in the plane the largest element under the window of an output is; the first if there are several.</summary>
    private int Largest(float* plane, int row, int column)
    {
        int best = -1;
        for (int down = 0; down < Vertical.Kernel; down++)
        {
            int y = row * Vertical.Stride + down * Vertical.Dilation - Vertical.Padding;
            if ((uint)y >= (uint)Height)
                continue;
            for (int right = 0; right < Horizontal.Kernel; right++)
            {
                int x = column * Horizontal.Stride + right * Horizontal.Dilation - Horizontal.Padding;
                if ((uint)x >= (uint)Width)
                    continue;
                int place = y * Width + x;
                if (best < 0 || plane[place] > plane[best] || (float.IsNaN(plane[place]) && !float.IsNaN(plane[best])))
                    best = place;
            }
        }
        return best;
    }

    private readonly struct ForwardKernel(MaxPooling pooling, float* x, float* y) : IRangeKernel
    {
        public void Run<T>(long start, long end)
            where T : struct, ILanes<T>
        {
            for (long plane = start; plane < end; plane++)
            {
                float* from = x + plane * pooling.Height * pooling.Width;
                float* to = y + plane * pooling.OutputHeight * pooling.OutputWidth;
                for (int row = 0; row < pooling.OutputHeight; row++)
                {
                    for (int column = 0; column < pooling.OutputWidth; column++)
                        *to++ = from[pooling.Largest(from, row, column)];
                }
            }
        }
    }

    private readonly struct BackwardKernel(MaxPooling pooling, float* x, float* gradient, float* target, bool accumulate) : IRangeKernel
    {
        public void Run<T>(long start, long end)
            where T : struct, ILanes<T>
        {
            for (long plane = start; plane < end; plane++)
            {
                float* from = x + plane * pooling.Height * pooling.Width;
                float* to = target + plane * pooling.Height * pooling.Width;
                float* above = gradient + plane * pooling.OutputHeight * pooling.OutputWidth;
                if (!accumulate)
                    new Span<float>(to, pooling.Height * pooling.Width).Clear();
                for (int row = 0; row < pooling.OutputHeight; row++)
                {
                    for (int column = 0; column < pooling.OutputWidth; column++)
                        to[pooling.Largest(from, row, column)] += *above++;
                }
            }
        }
    }
}
