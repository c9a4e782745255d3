using Attune.Tensors.Memory;

namespace Attune.Tensors.Kernels;

/// <summary>The backward of broadcasting: sums a gradient over the axes along which a tensor was repeated.</summary>
internal static unsafe class BroadcastSum
{
    /// <summary>
    /// Adds <paramref name="gradient"/> of the shape <paramref name="shape"/>, summed down to the shape of <paramref name="input"/>, to
    /// that tensor's gradient.
    /// </summary>
    public static void Run(Arena arena, float* gradient, Shape shape, Tensor input) => Run(arena, gradient, shape, input, input.Shape);

    /// <summary>As <see cref="Run(Arena, float*, Shape, Tensor)"/>, for an input that was seen as another shape.</summary>
    public static void Run(Arena arena, float* gradient, Shape shape, Tensor input, Shape seenAs)
    {
        float* target = input.Gradient!.Target(out bool accumulate);
        if (shape.Count == 0)
        {
            BlockCopy.Fill(target, 0, accumulate ? 0 : 1, input.Count, 0);
            return;
        }
        Span<(long Extent, bool Summed)> axes = stackalloc (long, bool)[Shape.MaxRank];
        int rank = 0, summed = 0;
        Strides strides = Strides.Broadcast(seenAs, shape);
        for (int axis = 0; axis < shape.Rank; axis++)
        {
            if (shape[axis] == 1)
                continue;
            bool sum = strides[axis] == 0;
            if (rank > 0 && axes[rank - 1].Summed == sum)
            {
                axes[rank - 1].Extent *= shape[axis];
                continue;
            }
            axes[rank++] = (shape[axis], sum);
            summed += sum ? 1 : 0;
        }
        if (summed == 0)
        {
            BlockCopy.Run(gradient, shape.Count, target, shape.Count, 1, shape.Count, accumulate);
            return;
        }

        float* source = gradient;
        long count = shape.Count, outer = 1;
        for (int axis = 0; axis < rank; axis++)
        {
            if (!axes[axis].Summed)
            {
                outer *= axes[axis].Extent;
                continue;
            }
            summed--;
            long extent = axes[axis].Extent;
            long rest = count / extent;
            float* to = summed == 0 ? target : arena.Allocate(rest);
            Reduction.Run(default(SumFold), source, outer, extent, rest / outer, to, summed == 0 && accumulate);
            if (source != gradient)
                arena.Release(source, count);
            source = to;
            count = rest;
        }
    }
}
