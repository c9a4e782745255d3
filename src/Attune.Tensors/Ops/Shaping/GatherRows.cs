using Attune.Tensors.Autograd;
using Attune.Tensors.Kernels;

namespace Attune.Tensors.Ops;

/// <summary>Picks rows and puts them back.</summary>
public static unsafe class GatherRowsOperation
{
    /// <summary>
    /// The rows <paramref name="ids"/> of <paramref name="x"/>: <c>[n, ..]</c> to <c>[ids, ..]</c>. A row may be named any number of times;
    /// its gradients add up. The ids must stay unchanged until the backward pass.
    /// </summary>
    /// <exception cref="ArgumentException"><paramref name="x"/> is a scalar, or an id is outside of it.</exception>
    public static Tensor GatherRows(this Tape tape, Tensor x, ReadOnlyMemory<int> ids)
    {
        Shape shape = Rows(nameof(GatherRows), x.Shape, ids, x.Shape.Rank == 0 ? 0 : x.Shape[0], ids.Length);
        Tensor output = tape.Allocate(shape, x.RequiresGradient);
        if (!tape.Computes())
            return output;
        long width = ShapeRules.Inner(x.Shape, 0);
        RowGather.Gather(x.Pointer, ids, width, output.Pointer, accumulate: false);
        tape.Record(output, () =>
        {
            float* target = x.Gradient!.Target(out bool accumulate);
            if (!accumulate)
                BlockCopy.Fill(target, 0, 1, x.Count, 0);
            RowGather.ScatterAdd(output.Gradient!.Pointer, ids, width, target);
        });
        return output;
    }

    /// <summary>
    /// Adds row <c>i</c> of <paramref name="x"/> to row <c>ids[i]</c> of a tensor of zeros with <paramref name="rows"/> rows: the reverse of
    /// <see cref="GatherRows"/>. The ids must stay unchanged until the backward pass.
    /// </summary>
    /// <exception cref="ArgumentException"><paramref name="x"/> has not one row an id, or an id is not below <paramref name="rows"/>.</exception>
    public static Tensor ScatterAddRows(this Tape tape, Tensor x, ReadOnlyMemory<int> ids, int rows)
    {
        if (x.Shape.Rank > 0 && x.Shape[0] != ids.Length)
            throw new ArgumentException($"ScatterAddRows: {ids.Length} ids were given for the {x.Shape[0]} rows of {x.Shape}.", nameof(ids));
        Tensor output = tape.Allocate(Rows(nameof(ScatterAddRows), x.Shape, ids, rows, rows), x.RequiresGradient);
        if (!tape.Computes())
            return output;
        long width = ShapeRules.Inner(x.Shape, 0);
        BlockCopy.Fill(output.Pointer, 0, 1, output.Count, 0);
        RowGather.ScatterAdd(x.Pointer, ids, width, output.Pointer);
        tape.Record(output, () =>
        {
            float* target = x.Gradient!.Target(out bool accumulate);
            RowGather.Gather(output.Gradient!.Pointer, ids, width, target, accumulate);
        });
        return output;
    }

    private static Shape Rows(string name, Shape x, ReadOnlyMemory<int> ids, int limit, int rows)
    {
        if (x.Rank == 0)
            throw new ArgumentException($"{name}: a scalar has no rows.", nameof(x));
        ReadOnlySpan<int> span = ids.Span;
        for (int i = 0; i < span.Length; i++)
        {
            if ((uint)span[i] >= (uint)limit)
                throw new ArgumentException($"{name}: id {i} is {span[i]}; rows are 0..{limit - 1}.", nameof(ids));
        }
        return ShapeRules.With(x, 0, rows);
    }
}
