using Attune.Tensors.Autograd;

namespace Attune.Tensors.Ops;

/// <summary>Images as sequences of patches.</summary>
public static class PatchesOperation
{
    /// <summary>
    /// The patches of images side by side: <c>[n, C, h, w]</c> to <c>[n * (h / height) * (w / width), C * height * width]</c>, row by row.
    /// Pixels that fill no whole patch are left out. A linear layer on the result, whose weight is a convolution's
    /// <c>[O, C, height, width]</c> seen as a matrix, is the patch embedding of vision transformers, as one product.
    /// </summary>
    /// <exception cref="ArgumentException">There are no four axes, or the image is smaller than a patch.</exception>
    public static Tensor Patches(this Tape tape, Tensor x, int height, int width)
    {
        ShapeRules.Rank(nameof(Patches), nameof(x), x.Shape, 4);
        int images = x.Shape[0], channels = x.Shape[1];
        if (height < 1 || width < 1 || x.Shape[2] < height || x.Shape[3] < width)
            throw new ArgumentException($"Patches: no patch of {height} by {width} fits in images {x.Shape}.", nameof(x));
        int down = x.Shape[2] / height, across = x.Shape[3] / width;
        if (x.Shape[2] != down * height)
            x = tape.Slice(x, 2, 0, down * height);
        if (x.Shape[3] != across * width)
            x = tape.Slice(x, 3, 0, across * width);
        Tensor cut = x.Reshape([images, channels, down, height, across, width]);
        return tape.Permute(cut, 0, 2, 4, 1, 3, 5).Reshape([images * down * across, channels * height * width]);
    }
}
