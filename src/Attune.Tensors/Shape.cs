using System.Globalization;
using System.Runtime.CompilerServices;

namespace Attune.Tensors;

/// <summary>The extents of a tensor, outermost first, at most <see cref="MaxRank"/> of them. A scalar has rank 0 and one element.</summary>
[CollectionBuilder(typeof(Shape), nameof(Of))]
public readonly struct Shape : IEquatable<Shape>
{
    /// <summary>The largest number of axes a tensor can have.</summary>
    public const int MaxRank = 6;

    private readonly Extents _extents;

    private Shape(ReadOnlySpan<int> extents)
    {
        if (extents.Length > MaxRank)
            throw new ArgumentException($"A tensor has at most {MaxRank} axes; {extents.Length} were given.", nameof(extents));
        Rank = extents.Length;
        for (int axis = 0; axis < extents.Length; axis++)
        {
            if (extents[axis] < 0)
                throw new ArgumentException($"Axis {axis} has the negative extent {extents[axis]}.", nameof(extents));
            _extents[axis] = extents[axis];
        }
    }

    /// <summary>The number of axes.</summary>
    public int Rank { get; }

    /// <summary>The number of elements: the product of all extents (1 for a scalar).</summary>
    public long Count
    {
        get
        {
            long count = 1;
            for (int axis = 0; axis < Rank; axis++)
                count = checked(count * _extents[axis]);
            return count;
        }
    }

    /// <summary>The extent of an axis; negative numbers count from the last axis (-1).</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such axis.</exception>
    public int this[int axis]
    {
        get
        {
            int position = axis < 0 ? axis + Rank : axis;
            if ((uint)position >= (uint)Rank)
                throw new ArgumentOutOfRangeException(nameof(axis), axis, $"The shape {this} has {Rank} axes.");
            return _extents[position];
        }
    }

    /// <summary>The last extent (1 for a scalar): the width of a row.</summary>
    public int Width => Rank == 0 ? 1 : _extents[Rank - 1];

    /// <summary>The number of rows when all axes but the last are folded into one.</summary>
    public int Rows => Width == 0 ? 0 : checked((int)(Count / Width));

    /// <summary>Makes a shape from its extents.</summary>
    /// <exception cref="ArgumentException">More than <see cref="MaxRank"/> extents, or a negative one.</exception>
    public static Shape Of(params ReadOnlySpan<int> extents) => new(extents);

    /// <summary>The same extents but for the last.</summary>
    internal Shape WithWidth(int width)
    {
        Span<int> extents = stackalloc int[Rank];
        for (int axis = 0; axis < Rank; axis++)
            extents[axis] = _extents[axis];
        extents[^1] = width;
        return new Shape(extents);
    }

    /// <summary>Copies the extents into an array.</summary>
    public int[] ToArray()
    {
        int[] extents = new int[Rank];
        for (int axis = 0; axis < Rank; axis++)
            extents[axis] = _extents[axis];
        return extents;
    }

    /// <summary>Enumerates the extents, outermost first.</summary>
    public IEnumerator<int> GetEnumerator() => ((IEnumerable<int>)ToArray()).GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(Shape other)
    {
        if (Rank != other.Rank)
            return false;
        for (int axis = 0; axis < Rank; axis++)
        {
            if (_extents[axis] != other._extents[axis])
                return false;
        }
        return true;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Shape other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        for (int axis = 0; axis < Rank; axis++)
            hash.Add(_extents[axis]);
        return hash.ToHashCode();
    }

    /// <summary>The extents in brackets, as in <c>[2, 3]</c>.</summary>
    public override string ToString() =>
        "[" + string.Join(", ", ToArray().Select(e => e.ToString(CultureInfo.InvariantCulture))) + "]";

    /// <summary>Whether two shapes have the same extents.</summary>
    public static bool operator ==(Shape left, Shape right) => left.Equals(right);

    /// <summary>Whether two shapes differ.</summary>
    public static bool operator !=(Shape left, Shape right) => !left.Equals(right);

    [InlineArray(MaxRank)]
    private struct Extents
    {
        private int _first;
    }
}
