using Attune.Tensors.Lanes;
using Attune.Tensors.Ops;

namespace Attune.Tensors.Kernels;

/// <summary>
/// The patches of an image <c>[channels, height, width]</c> that the outputs of a convolution see, as a matrix: a row for every channel
/// and tap, a column for every output.
/// </summary>
internal readonly unsafe record struct ImagePatches(
    int Channels, int Height, int Width, SlidingWindow Vertical, SlidingWindow Horizontal, int OutputHeight, int OutputWidth)
{
    /// <summary>Rows of the matrix: channels times taps.</summary>
    public int Depth => Channels * Vertical.Kernel * Horizontal.Kernel;

    /// <summary>Columns of the matrix: the outputs.</summary>
    public int Columns => OutputHeight * OutputWidth;

    /// <summary>Elements of the matrix.</summary>
    public long Count => (long)Depth * Columns;

    /// <summary>Elements of the image.</summary>
    public long ImageCount => (long)Channels * Height * Width;

    /// <summary>Whether the matrix is the image itself.</summary>
    public bool IsIdentity => Vertical is { Kernel: 1, Stride: 1, Padding: 0 } && Horizontal is { Kernel: 1, Stride: 1, Padding: 0 };

    /// <summary>Copies the image's elements to where they are seen; what lies outside is 0.</summary>
    public void Unfold(float* image, float* matrix) =>
        RangeKernel.Run(Depth, RangeKernel.Rows(Columns), new UnfoldKernel(this, image, matrix));

    /// <summary>Adds up, for every element of the image, the matrix elements that saw it.</summary>
    public void Fold(float* matrix, float* image, bool accumulate) =>
        RangeKernel.Run(Channels, RangeKernel.Rows((long)Columns * Depth / Channels), new FoldKernel(this, matrix, image, accumulate));

    /// <summary>The outputs, first and one past the last, whose tap falls inside of an axis.</summary>
    private static (int First, int Last) Inside(SlidingWindow window, int tap, int extent, int outputs)
    {
        int shift = tap * window.Dilation - window.Padding;
        int first = shift >= 0 ? 0 : (-shift + window.Stride - 1) / window.Stride;
        int last = extent - 1 - shift < 0 ? 0 : (extent - 1 - shift) / window.Stride + 1;
        return (Math.Min(first, outputs), Math.Max(Math.Min(last, outputs), Math.Min(first, outputs)));
    }

    private readonly struct UnfoldKernel(ImagePatches patches, float* image, float* matrix) : IRangeKernel
    {
        public void Run<T>(long start, long end)
            where T : struct, ILanes<T>
        {
            SlidingWindow vertical = patches.Vertical, horizontal = patches.Horizontal;
            for (long row = start; row < end; row++)
            {
                int right = (int)(row % horizontal.Kernel), down = (int)(row / horizontal.Kernel % vertical.Kernel);
                float* plane = image + row / (horizontal.Kernel * vertical.Kernel) * patches.Height * patches.Width;
                float* to = matrix + row * patches.Columns;
                (int top, int bottom) = Inside(vertical, down, patches.Height, patches.OutputHeight);
                (int left, int edge) = Inside(horizontal, right, patches.Width, patches.OutputWidth);
                new Span<float>(to, patches.Columns).Clear();
                for (int y = top; y < bottom; y++)
                {
                    float* line = plane + (long)(y * vertical.Stride + down * vertical.Dilation - vertical.Padding) * patches.Width
                        + right * horizontal.Dilation - horizontal.Padding;
                    float* target = to + (long)y * patches.OutputWidth;
                    if (horizontal.Stride == 1)
                    {
                        BlockCopy.Row<T>(line + left, target + left, edge - left, accumulate: false);
                        continue;
                    }
                    for (int x = left; x < edge; x++)
                        target[x] = line[x * horizontal.Stride];
                }
            }
        }
    }

    private readonly struct FoldKernel(ImagePatches patches, float* matrix, float* image, bool accumulate) : IRangeKernel
    {
        public void Run<T>(long start, long end)
            where T : struct, ILanes<T>
        {
            SlidingWindow vertical = patches.Vertical, horizontal = patches.Horizontal;
            for (long channel = start; channel < end; channel++)
            {
                float* plane = image + channel * patches.Height * patches.Width;
                if (!accumulate)
                    new Span<float>(plane, patches.Height * patches.Width).Clear();
                float* from = matrix + channel * vertical.Kernel * horizontal.Kernel * patches.Columns;
                for (int down = 0; down < vertical.Kernel; down++)
                {
                    (int top, int bottom) = Inside(vertical, down, patches.Height, patches.OutputHeight);
                    for (int right = 0; right < horizontal.Kernel; right++, from += patches.Columns)
                    {
                        (int left, int edge) = Inside(horizontal, right, patches.Width, patches.OutputWidth);
                        for (int y = top; y < bottom; y++)
                        {
                            float* line = plane + (long)(y * vertical.Stride + down * vertical.Dilation - vertical.Padding) * patches.Width
                                + right * horizontal.Dilation - horizontal.Padding;
                            float* source = from + (long)y * patches.OutputWidth;
                            if (horizontal.Stride == 1)
                            {
                                BlockCopy.Row<T>(source + left, line + left, edge - left, accumulate: true);
                                continue;
                            }
                            for (int x = left; x < edge; x++)
                                line[x * horizontal.Stride] += source[x];
                        }
                    }
                }
            }
        }
    }
}
