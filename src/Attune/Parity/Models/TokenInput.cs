using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Tensors;

namespace Attune.Parity.Models;

/// <summary>What a case gives a stack to read: a padded array of token ids, or of vectors in their place.</summary>
/// <param name="Ids">The ids; null if there are vectors.</param>
/// <param name="Vectors">The vectors; null if there are ids.</param>
/// <param name="Shape">The extents of the array: its last axis is the length, all others count sequences.</param>
internal sealed record TokenInput(int[]? Ids, float[]? Vectors, IReadOnlyList<int> Shape)
{
    /// <summary>The cells of the array.</summary>
    public int Cells => Shape.Aggregate(1, (product, extent) => checked(product * extent));

    /// <summary>Reads ids or, where there are none, vectors.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <param name="prefix">What the names begin with: nothing, or <c>decoder_</c>.</param>
    /// <exception cref="AttuneFormatException">There are neither.</exception>
    public static TokenInput Read(CaseArguments arguments, string prefix = "") =>
        Find(arguments, prefix) ?? OfIds(arguments.Get(prefix + "input_ids"));

    /// <summary>Reads ids or, where there are none, vectors; null if there are neither.</summary>
    public static TokenInput? Find(CaseArguments arguments, string prefix = "")
    {
        if (arguments.Find(prefix + "input_ids") is { } ids)
            return OfIds(ids);
        return arguments.Find(prefix + "inputs_embeds") is { } vectors
            ? new TokenInput(null, vectors.ToFloat32(), [.. vectors.Shape.Take(vectors.Shape.Length - 1)])
            : null;
    }

    /// <summary>The batch of the rows, without what else belongs to tokens.</summary>
    public TokenBatch Batch(PaddedRows rows) => new()
    {
        Ids = Ids is null ? default : rows.Rows(Ids),
        Features = Features(rows),
        Segments = rows.Segments,
        KeyMask = rows.KeyMask,
    };

    private static TokenInput OfIds(StoredTensor ids) => new(ids.ToInt32(), null, [.. ids.Shape]);

    private Tensor? Features(PaddedRows rows)
    {
        if (Vectors is null)
            return null;
        int width = Vectors.Length / Cells;
        int[] cells = rows.Rows([.. Enumerable.Range(0, Cells)])!;
        return Tensor.From([cells.Length, width], [.. cells.SelectMany(cell => Vectors.AsSpan(cell * width, width).ToArray())]);
    }
}
