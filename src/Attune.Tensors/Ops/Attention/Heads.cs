namespace Attune.Tensors.Ops;

/// <summary>
/// The heads of queries, keys or values: head <c>h</c> is the columns <c>Column + h * Width</c> to <c>Column + (h + 1) * Width</c> of a
/// <c>[rows, *]</c> tensor. One packed projection or three separate ones serve attention alike. Heads that are kept for decoding lie one behind the other
/// instead, see <see cref="HeadRows"/>.
/// </summary>
/// <param name="Source">The tensor [rows, columns].</param>
/// <param name="Column">The first column of the first head.</param>
/// <param name="Count">The number of heads.</param>
/// <param name="Width">The columns of one head.</param>
public readonly record struct Heads(Tensor Source, int Column, int Count, int Width)
{
    /// <summary>
    /// The rows that each head has where heads lie one behind the other, <c>[Count * HeadRows, Width]</c>, of which the first ones are used; 0 where
    /// they lie side by side. Such heads have no gradients.
    /// </summary>
    public int HeadRows { get; init; }

    /// <summary>All columns of a tensor as heads.</summary>
    /// <exception cref="ArgumentException">The columns cannot be divided by <paramref name="count"/>.</exception>
    public static Heads Of(Tensor source, int count) => count > 0 && source.Shape.Width % count == 0
        ? new Heads(source, 0, count, source.Shape.Width / count)
        : throw new ArgumentException($"A tensor {source.Shape} cannot be divided into {count} heads of equal width.", nameof(count));

    /// <summary>Part <paramref name="part"/> of a tensor whose columns are <paramref name="parts"/> equal parts, such as packed queries, keys and values.</summary>
    /// <exception cref="ArgumentException">The columns cannot be divided into so many parts and heads.</exception>
    public static Heads Part(Tensor source, int part, int parts, int count)
    {
        if (parts <= 0 || count <= 0 || (uint)part >= (uint)parts || source.Shape.Width % (parts * count) != 0)
            throw new ArgumentException($"Part {part} of {parts} with {count} heads cannot be cut from a tensor {source.Shape}.", nameof(part));
        int width = source.Shape.Width / parts;
        return new Heads(source, part * width, count, width / count);
    }
}
