using Attune.Nn.Parameters;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Nn.Blocks;

/// <summary>The sizes of a patch embedding.</summary>
/// <param name="Channels">The channels of an image.</param>
/// <param name="Height">The height of a patch in pixels.</param>
/// <param name="Breadth">The breadth of a patch in pixels.</param>
/// <param name="Width">The width of the rows that patches become.</param>
public sealed record PatchShape(int Channels, int Height, int Breadth, int Width)
{
    /// <summary>Whether a learned row stands before the patches of every image.</summary>
    public bool ClassToken { get; init; }

    /// <summary>The rows an image has a learned position for, the class token's included; 0 for none.</summary>
    public int Positions { get; init; }

    /// <summary>Whether the projection has a bias.</summary>
    public bool Bias { get; init; } = true;

    /// <summary>The dropout at the end.</summary>
    public float Dropout { get; init; }

    /// <summary>What projection, class token and positions start from.</summary>
    public Initializer Initializer { get; init; } = Initializer.Normal(0.02f);
}

/// <summary>
/// Images to rows: patches that do not overlap, each mapped by the same projection, then class token and positions (Dosovitskiy et al. 2020,
/// arXiv:2010.11929).
/// </summary>
public sealed class PatchEmbedding : Module
{
    private readonly PatchShape _shape;
    private readonly Parameter _projection;
    private readonly Parameter? _bias;
    private readonly Parameter? _classToken;
    private readonly Parameter? _positions;

    /// <summary>Declares the projection, stored like a convolution's kernel <c>[width, channels, height, breadth]</c>, and what goes with it.</summary>
    public PatchEmbedding(PatchShape shape)
    {
        _shape = shape;
        _projection = Own("projection.weight", [shape.Width, shape.Channels, shape.Height, shape.Breadth], shape.Initializer, ParameterRole.Weight);
        if (shape.Bias)
            _bias = Own("projection.bias", [shape.Width], Initializer.Zeros, ParameterRole.Bias);
        if (shape.ClassToken)
            _classToken = Own("classToken", [1, 1, shape.Width], shape.Initializer, ParameterRole.Position);
        if (shape.Positions > 0)
            _positions = Own("positions", [1, shape.Positions, shape.Width], shape.Initializer, ParameterRole.Position);
    }

    /// <summary>The rows of images <c>[n, channels, height, breadth]</c>, image after image, each row of patches after the one above it.</summary>
    /// <returns><c>[rows, width]</c>, and where the rows of each image lie: the class token's first, if there is one.</returns>
    /// <exception cref="ArgumentException">
    /// The images have other channels or are smaller than a patch, or the number of rows of an image is not the number of positions.
    /// </exception>
    public (Tensor Rows, Segments Segments) Forward(Tape tape, Tensor images)
    {
        if (images.Shape.Rank != 4 || images.Shape[1] != _shape.Channels)
            throw new ArgumentException($"This embedding reads images [n, {_shape.Channels}, height, breadth]; these are {images.Shape}.", nameof(images));
        int count = images.Shape[0];
        int patches = images.Shape[2] / _shape.Height * (images.Shape[3] / _shape.Breadth);
        int length = patches + (_classToken is null ? 0 : 1);
        if (_positions is not null && length != _shape.Positions)
        {
            throw new ArgumentException(
                $"An image of {images.Shape[2]} by {images.Shape[3]} pixels gives {length} rows; this embedding has {_shape.Positions} positions.", nameof(images));
        }
        Tensor x = tape.Patches(images, _shape.Height, _shape.Breadth);
        Tensor matrix = _projection.Value.Reshape([_shape.Width, _shape.Channels * _shape.Height * _shape.Breadth]);
        x = tape.Linear(x, matrix, _bias?.Value).Reshape([count, patches, _shape.Width]);
        if (_classToken is not null)
            x = tape.Concat(1, tape.Expand(_classToken.Value, [count, 1, _shape.Width]), x);
        if (_positions is not null)
            x = tape.Add(x, _positions.Value);
        x = tape.Dropout(x, _shape.Dropout);
        return (x.Reshape([count * length, _shape.Width]), Segments.Equal(count, length));
    }
}
