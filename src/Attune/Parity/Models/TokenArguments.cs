using Attune.Formats;
using Attune.Nn.Contracts;

namespace Attune.Parity.Models;

/// <summary>Arguments that are padded arrays of token ids, and what belongs to each token.</summary>
internal static class TokenArguments
{
    /// <summary>Finds the rows of an array of token ids: its last axis is the length, all others count sequences.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <param name="shape">The array's extents.</param>
    /// <param name="mask">The name of the argument that says which tokens are real; all are if it is not given.</param>
    public static PaddedRows Rows(CaseArguments arguments, IReadOnlyList<int> shape, string mask)
    {
        int length = shape[^1];
        int sequences = shape.Take(shape.Count - 1).Aggregate(1, (product, extent) => checked(product * extent));
        // Some references want masks of whole numbers, others of fractions.
        int[]? real = arguments.Find(mask) is { } given && !IsWhole(given)
            ? [.. given.ToFloat32().Select(share => share == 0 ? 0 : 1)]
            : Like(arguments, mask, sequences * length);
        return PaddedRows.Of(sequences, length, real);
    }

    /// <summary>Makes a batch of token ids and the arguments that belong to them.</summary>
    public static TokenBatch Batch(CaseArguments arguments, int[] ids, PaddedRows rows) => new()
    {
        Ids = rows.Rows(ids),
        Segments = rows.Segments,
        Positions = Optional(rows.Rows(Like(arguments, "position_ids", ids.Length)) ?? rows.Columns()),
        TypeIds = Optional(rows.Rows(Like(arguments, "token_type_ids", ids.Length))),
        TaskIds = Optional(rows.Rows(Like(arguments, "task_type_ids", ids.Length))),
        KeyMask = rows.KeyMask,
    };

    /// <summary>The elements as numbers, whatever their type.</summary>
    public static float[] Numbers(StoredTensor tensor) => IsWhole(tensor) ? [.. tensor.ToInt32()] : tensor.ToFloat32();

    private static bool IsWhole(StoredTensor tensor) => tensor.DType is not (DType.F64 or DType.F32 or DType.F16 or DType.BF16);

    private static ReadOnlyMemory<int>? Optional(int[]? values) => values is null ? null : (ReadOnlyMemory<int>?)values;

    private static int[]? Like(CaseArguments arguments, string name, int count)
    {
        int[]? values = arguments.Ints(name);
        return values is null || values.Length == count
            ? values
            : throw new InvalidOperationException($"The argument '{name}' has {values.Length} numbers; there are {count} tokens.");
    }
}
