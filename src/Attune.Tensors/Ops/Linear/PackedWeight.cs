using Attune.Tensors.Kernels.Gemm;

namespace Attune.Tensors.Ops;

/// <summary>
/// The copy of a weight that does not change, in the order in which products read it: with few rows they then run at the speed of memory,
/// with many they save the packing.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed unsafe class PackedWeight
{
    private readonly Lock _packing = new();
    private PackedMatrix? _matrix;
    private WeightLayout _layout;
    private InstructionSet _set;

    /// <summary>
    /// The packed copy, made at the first use: the first answer must have the same bits as all later ones. Null for another layout or
    /// instruction set than that of the copy.
    /// </summary>
    public PackedMatrix? For(Tensor weight, WeightLayout layout)
    {
        if (Volatile.Read(ref _matrix) is null)
            Pack(weight, layout);
        return layout == _layout && Isa.Current == _set ? _matrix : null;
    }

    private void Pack(Tensor weight, WeightLayout layout)
    {
        lock (_packing)
        {
            if (_matrix is not null)
                return;
            var matrix = new MatrixView(weight.Pointer, weight.Shape[0], weight.Shape[1]);
            (_layout, _set) = (layout, Isa.Current);
            Volatile.Write(ref _matrix, PackedMatrix.From(layout == WeightLayout.OutIn ? matrix.Transposed : matrix));
        }
    }
}
