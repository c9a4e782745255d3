using Attune.Tensors.Kernels.Gemm;
using Attune.Tensors.Kernels.Gemm.Grouped;

namespace Attune.Tensors.Ops;

/// <summary>
/// The copies of a weight that does not change, in the order in which products read it: with few rows they then run at the speed of memory,
/// with many they save the packing. There is one for each precision in use. The weight itself need not stay in memory then: what still reads it,
/// such as the look-up of a token whose table is the output's, too, reads single rows, or all of it once (saving).
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed unsafe class PackedWeight
{
    private readonly Lock _packing = new();
    private readonly Form?[] _forms = new Form?[Enum.GetValues<Precision>().Length];

    /// <summary>Whether nothing has been packed yet.</summary>
    public bool IsEmpty => Array.TrueForAll(_forms, form => form is null);

    /// <summary>
    /// The packed copy, made at the first use: the first answer must have the same bits as all later ones. Null for another layout or
    /// instruction set than that of the copy.
    /// </summary>
    public FixedOperand? For(Tensor weight, WeightLayout layout, Precision precision)
    {
        Form form = Volatile.Read(ref _forms[(int)precision]) ?? Pack(weight, layout, precision);
        return layout == form.Layout && Isa.Current == form.Set ? form.Operand : null;
    }

    private Form Pack(Tensor weight, WeightLayout layout, Precision precision)
    {
        lock (_packing)
        {
            if (_forms[(int)precision] is { } packed)
                return packed;
            using Tensor.Loan content = weight.Lend();
            var matrix = new MatrixView(content.Pointer, weight.Shape[0], weight.Shape[1]);
            if (layout == WeightLayout.OutIn)
                matrix = matrix.Transposed;
            FixedOperand operand = precision switch
            {
                Precision.BFloat16 => GroupedMatrix.From(GroupKind.BFloat16, matrix),
                Precision.Int8 when matrix.Rows <= GroupedProduct.MaxDepthOfBytes => GroupedMatrix.From(GroupKind.Bytes, matrix),
                _ => PackedMatrix.From(matrix),
            };
            var form = new Form(operand, layout, Isa.Current);
            Volatile.Write(ref _forms[(int)precision], form);
            weight.GiveBackIfPacked();
            return form;
        }
    }

    private sealed record Form(FixedOperand Operand, WeightLayout Layout, InstructionSet Set);
}
