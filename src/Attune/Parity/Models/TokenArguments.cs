using Attune.Backbones;
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
            : Like(arguments, mask, sequences * length, length);
        return PaddedRows.Of(sequences, length, real);
    }

    /// <summary>Makes a batch of what a stack reads and the arguments that belong to its tokens.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <param name="input">What is read.</param>
    /// <param name="rows">Where its rows are.</param>
    /// <param name="family">The model's family.</param>
    /// <param name="config">The model's configuration.</param>
    public static TokenBatch Batch(CaseArguments arguments, TokenInput input, PaddedRows rows, IFamily family, JsonFields config)
    {
        int[]? Own(string name) => rows.Rows(Like(arguments, name, input.Cells, rows.Length));
        int[]? positions = Like(arguments, "position_ids", input.Cells, rows.Length);
        if (family.PaddingPositionOf(config) is { } padding)
            positions = Counted(positions, input.Ids, rows.Length, padding);
        // What is not asked for here is an error: other families would pass over it.
        return input.Batch(rows) with
        {
            Positions = Optional(rows.Rows(positions) ?? rows.Columns()),
            TypeIds = family.TokenTypesOf(config) != TokenTypes.None ? Optional(Own("token_type_ids")) : null,
            TaskIds = config.Has("task_type_vocab_size") ? Optional(Own("task_type_ids")) : null,
        };
    }

    // These positions begin after the padding token's number, which stands for padding; Attune counts from 0.
    private static int[]? Counted(int[]? given, int[]? ids, int length, int padding)
    {
        if (given is not null)
            return Array.ConvertAll(given, position => position - padding - 1);
        if (ids is null)
            return null;
        int[] positions = new int[ids.Length];
        for (int cell = 0, next = 0; cell < ids.Length; cell++)
        {
            if (cell % length == 0)
                next = 0;
            positions[cell] = ids[cell] == padding ? -1 : next++;
        }
        return positions;
    }

    /// <summary>The elements as numbers, whatever their type.</summary>
    public static float[] Numbers(StoredTensor tensor) => IsWhole(tensor) ? [.. tensor.ToInt32()] : tensor.ToFloat32();

    private static bool IsWhole(StoredTensor tensor) => tensor.DType is not (DType.F64 or DType.F32 or DType.F16 or DType.BF16);

    private static ReadOnlyMemory<int>? Optional(int[]? values) => values is null ? null : (ReadOnlyMemory<int>?)values;

    // One row serves for all sequences, as in the reference.
    private static int[]? Like(CaseArguments arguments, string name, int count, int length)
    {
        int[]? values = arguments.Ints(name);
        if (values is null || values.Length == count)
            return values;
        return values.Length == length
            ? [.. Enumerable.Range(0, count).Select(cell => values[cell % length])]
            : throw new InvalidOperationException($"The argument '{name}' has {values.Length} numbers; there are {count} tokens.");
    }
}
