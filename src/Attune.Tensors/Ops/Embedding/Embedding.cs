using Attune.Tensors.Autograd;
using Attune.Tensors.Kernels.Embedding;
using Attune.Tensors.Lanes;
using Attune.Tensors.Memory;

namespace Attune.Tensors.Ops;

/// <summary>Rows of tables, looked up by token, position and type ids.</summary>
public static unsafe class EmbeddingOperation
{
    /// <summary>Rows from which on a look-up may bring most of a table into memory: each row of a mapped file comes with its neighbours.</summary>
    private const int ManyRows = 64;

    /// <summary>Row <c>ids[i]</c> of <paramref name="table"/> for every <c>i</c>.</summary>
    /// <param name="tape">The tape of the step.</param>
    /// <param name="table">[entries, width]</param>
    /// <param name="ids">Numbers of entries; copied, so the memory may be reused at once.</param>
    /// <param name="paddingIndex">The entry that receives no gradient, if there is one.</param>
    /// <returns>[ids, width]</returns>
    /// <exception cref="ArgumentException">The table has not two axes.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An id is not an entry of the table.</exception>
    public static Tensor Embedding(this Tape tape, Tensor table, ReadOnlyMemory<int> ids, int? paddingIndex = null) =>
        Sum(tape, nameof(Embedding), [(table, ids)], paddingIndex ?? -1);

    /// <summary>The sum of one row of each table, such as token + position + type embeddings, in one pass.</summary>
    /// <param name="tape">The tape of the step.</param>
    /// <param name="parts">Tables [entries, width] of one width with equally many ids each; at most six.</param>
    /// <param name="paddingIndex">The entry of the first table that receives no gradient, if there is one.</param>
    /// <returns>[ids, width]</returns>
    /// <exception cref="ArgumentException">Widths or numbers of ids differ, or there is no part or more than six.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An id is not an entry of its table.</exception>
    public static Tensor EmbeddingSum(
        this Tape tape, ReadOnlySpan<(Tensor Table, ReadOnlyMemory<int> Ids)> parts, int? paddingIndex = null) =>
        Sum(tape, nameof(EmbeddingSum), parts, paddingIndex ?? -1);

    private static Tensor Sum(Tape tape, string operation, ReadOnlySpan<(Tensor Table, ReadOnlyMemory<int> Ids)> parts, int padding)
    {
        Check(operation, parts);
        int rows = parts[0].Ids.Length, width = parts[0].Table.Shape.Width;
        bool wanted = false;
        foreach ((Tensor table, _) in parts)
            wanted |= table.RequiresGradient;
        Tensor output = tape.Allocate([rows, width], wanted);
        if (!tape.Computes())
            return output;

        var kernel = new EmbeddingForward { Count = parts.Length, Output = output.Pointer, Rows = rows, Width = width };
        Tensor[] tables = new Tensor[parts.Length];
        for (int part = 0; part < parts.Length; part++)
        {
            tables[part] = parts[part].Table;
            kernel.Parts[part] = new EmbeddingPart
            {
                Table = tables[part].Pointer,
                Ids = CopyIds(tape.Arena, parts[part].Ids.Span),
                Padding = part == 0 ? padding : -1,
            };
        }
        LaneKernel.Run(kernel);
        if (tape.FixedWeights && rows >= ManyRows)
            GiveBack(parts);
        if (output.Gradient is null)
            return output;

        EmbeddingParts kept = kernel.Parts;
        tape.Record(output, () =>
        {
            for (int part = 0; part < tables.Length; part++)
            {
                if (!tables[part].RequiresGradient)
                    continue;
                LaneKernel.Run(new EmbeddingBackward
                {
                    Part = kept[part],
                    OutputGradient = output.Gradient.Pointer,
                    TableGradient = tables[part].Gradient!.ZeroedTarget(),
                    Rows = rows,
                    Width = width,
                });
            }
        });
        return output;
    }

    /// <summary>Copies ids next to the results of the step.</summary>
    internal static int* CopyIds(Arena arena, ReadOnlySpan<int> ids)
    {
        int* copy = (int*)arena.Allocate(ids.Length);
        ids.CopyTo(new Span<int>(copy, ids.Length));
        return copy;
    }

    /// <summary>A table that is also the output's stays in memory in that form alone.</summary>
    private static void GiveBack(ReadOnlySpan<(Tensor Table, ReadOnlyMemory<int> Ids)> parts)
    {
        foreach ((Tensor table, _) in parts)
            table.GiveBackIfPacked();
    }

    private static void Check(string operation, ReadOnlySpan<(Tensor Table, ReadOnlyMemory<int> Ids)> parts)
    {
        if (parts.Length is 0 or > EmbeddingParts.Capacity)
            throw new ArgumentException($"{operation}: from 1 to {EmbeddingParts.Capacity} tables can be added; {parts.Length} were given.", nameof(parts));
        for (int part = 0; part < parts.Length; part++)
        {
            (Tensor table, ReadOnlyMemory<int> ids) = parts[part];
            if (table.Shape.Rank != 2)
                throw new ArgumentException($"{operation}: table {part} must be [entries, width]; it is {table.Shape}.", nameof(parts));
            if (table.Shape.Width != parts[0].Table.Shape.Width)
            {
                throw new ArgumentException(
                    $"{operation}: all tables must have the width of the first, {parts[0].Table.Shape}; table {part} is {table.Shape}.", nameof(parts));
            }
            if (ids.Length != parts[0].Ids.Length)
            {
                throw new ArgumentException(
                    $"{operation}: all tables need equally many ids; table 0 has {parts[0].Ids.Length}, table {part} has {ids.Length}.", nameof(parts));
            }
            ReadOnlySpan<int> span = ids.Span;
            for (int row = 0; row < span.Length; row++)
            {
                if ((uint)span[row] >= (uint)table.Shape[0])
                {
                    throw new ArgumentOutOfRangeException(
                        nameof(parts), span[row], $"{operation}: id {row} of table {part} must be 0..{table.Shape[0] - 1} for a table {table.Shape}.");
                }
            }
        }
    }
}
