using Attune.Tensors.Kernels.Gemm.FewRows;
using Attune.Tensors.Kernels.Gemm.Grouped;
using Attune.Tensors.Kernels.Gemm.Tiled;
using Attune.Tensors.Lanes;
using Attune.Tensors.Memory;

namespace Attune.Tensors.Kernels.Gemm;

/// <summary>Float32 matrix products in every layout, at the speed of the machine.</summary>
/// <remarks>
/// All workers take part; the bits of the result depend on the instruction set and the shapes, never on the number of threads. C must not
/// overlap the operands.
/// </remarks>
internal static unsafe class Gemm
{
    /// <summary>Up to this many rows of C, a B whose columns are rows in memory is read as it lies, and A is packed instead.</summary>
    private const int FewRows = 64;

    /// <summary>
    /// A B of at most this many floats is packed all the same: it costs next to nothing. Speed does not decide the exact size. It was taken because
    /// the golden cases that hang on the rounding of gradients near 1e-8 agree with it on every instruction set.
    /// </summary>
    private const int NearSize = 1 << 11;

    /// <summary>Up to this many rows of C, a B whose columns are consecutive is streamed: reading it takes longer than computing.</summary>
    private const int StreamRows = 4;

    /// <summary>The same for a B that is larger than a cache can be expected to hold.</summary>
    private const int FarStreamRows = 128;

    /// <summary>Floats from one row to the next at which a result lies best, if products are to read it: none of them then has to copy it.</summary>
    public static int SpreadStride(int columns) => columns % Packing.CollidingStride == 0 ? columns + Packing.RowGap : columns;

    /// <summary>C = A B, or C += A B.</summary>
    /// <param name="a">A [rows, depth].</param>
    /// <param name="b">B [depth, columns]; weights kept as [columns, depth] are passed transposed.</param>
    /// <param name="c">C [rows, columns], not transposed.</param>
    /// <param name="accumulate">Whether the product is added to what C holds.</param>
    /// <exception cref="ArgumentException">The shapes do not fit together, or C is transposed.</exception>
    public static void Multiply(in MatrixView a, in MatrixView b, in MatrixView c, bool accumulate = false) =>
        Multiply(a, b, c, accumulate, default(NoEpilogue));

    /// <summary>C = A B, or C += A B, followed by <paramref name="epilogue"/> on C.</summary>
    /// <inheritdoc cref="Multiply(in MatrixView, in MatrixView, in MatrixView, bool)"/>
    public static void Multiply<E>(in MatrixView a, in MatrixView b, in MatrixView c, bool accumulate, in E epilogue)
        where E : struct, IEpilogue
    {
        Check(a, b.Rows, b.Columns, c);
        LaneKernel.Run(new Product<E>(a, b, null, c, accumulate, epilogue));
    }

    /// <summary>C = A B, or C += A B, followed by <paramref name="epilogue"/> on C, in the arithmetic of <paramref name="precision"/>.</summary>
    /// <remarks>Sums too long for bytes are computed in float32.</remarks>
    /// <inheritdoc cref="Multiply(in MatrixView, in MatrixView, in MatrixView, bool)"/>
    public static void Multiply<E>(Precision precision, in MatrixView a, in MatrixView b, in MatrixView c, bool accumulate, in E epilogue)
        where E : struct, IEpilogue
    {
        if (precision == Precision.BFloat16)
            GroupedProduct.Multiply(GroupKind.BFloat16, a, b, c, accumulate, epilogue);
        else if (precision == Precision.Int8 && b.Rows <= GroupedProduct.MaxDepthOfBytes)
            GroupedProduct.Multiply(GroupKind.Bytes, a, b, c, accumulate, epilogue);
        else
            Multiply(a, b, c, accumulate, epilogue);
    }

    /// <summary>C = A B, or C += A B, followed by <paramref name="epilogue"/> on C, with B packed before.</summary>
    /// <inheritdoc cref="Multiply(in MatrixView, in MatrixView, in MatrixView, bool)"/>
    public static void Multiply<E>(in MatrixView a, PackedMatrix b, in MatrixView c, bool accumulate, in E epilogue)
        where E : struct, IEpilogue
    {
        Check(a, b.Depth, b.Columns, c);
        LaneKernel.Run(new Product<E>(a, default, b, c, accumulate, epilogue));
    }

    /// <summary>
    /// C = A B, or C += A B, on the calling thread alone and within a kernel of lane width <typeparamref name="T"/>: for the blocks of
    /// attention and the like, up to a few hundred rows and columns.
    /// </summary>
    /// <remarks>
    /// Nothing is packed, except a transposed B, into the thread's own scratch; where several products share one, pack it once with
    /// <see cref="PackSmall"/>. Shapes are not checked.
    /// </remarks>
    public static void MultiplySmall<T>(in MatrixView a, in MatrixView b, in MatrixView c, bool accumulate = false)
        where T : struct, ILanes<T>
    {
        if (b.IsTransposed)
            MultiplySmall<T>(a, PackSmall<T>(b, ThreadScratch.Own(PackedSize<T>(b.Rows, b.Columns))), c, accumulate);
        else
            MultiplySmall<T>(a, new RightOperand(b), c, accumulate);
    }

    /// <inheritdoc cref="MultiplySmall{T}(in MatrixView, in MatrixView, in MatrixView, bool)"/>
    public static void MultiplySmall<T>(in MatrixView a, in RightOperand b, in MatrixView c, bool accumulate = false)
        where T : struct, ILanes<T>
        => TiledProduct.RunHere<T>(new LeftOperand(a), b, c, accumulate);

    /// <summary>Floats that <see cref="PackSmall"/> needs for a right operand [depth, columns].</summary>
    public static long PackedSize<T>(int depth, int columns)
        where T : struct, ILanes<T>
        => (long)((columns + Tiles<T>.Columns - 1) / Tiles<T>.Columns) * Tiles<T>.Columns * depth;

    /// <summary>Packs <paramref name="b"/> [depth, columns] into <paramref name="target"/> of <see cref="PackedSize"/> floats.</summary>
    public static RightOperand PackSmall<T>(in MatrixView b, float* target)
        where T : struct, ILanes<T>
    {
        nint stride = (nint)b.Rows * Tiles<T>.Columns;
        Packing.PackB<T>(b, 0, b.Columns, 0, b.Rows, target, stride);
        return new RightOperand(target, stride, b.Rows, b.Columns);
    }

    /// <summary>Makes sure that the shapes of a product fit together.</summary>
    /// <exception cref="ArgumentException">They do not, or C is transposed.</exception>
    public static void Check(in MatrixView a, int depth, int columns, in MatrixView c)
    {
        if (a.Rows != c.Rows || a.Columns != depth || columns != c.Columns)
        {
            throw new ArgumentException(
                $"A product of [{a.Rows}, {a.Columns}] and [{depth}, {columns}] does not give [{c.Rows}, {c.Columns}].");
        }

        if (c.IsTransposed)
            throw new ArgumentException("The result of a product cannot be transposed; exchange and transpose the operands instead.");
    }

    private readonly struct Product<E>(MatrixView a, MatrixView b, PackedMatrix? packed, MatrixView c, bool accumulate, E epilogue)
        : ILaneKernel
        where E : struct, IEpilogue
    {
        public void Run<T>()
            where T : struct, ILanes<T>
        {
            if (c.Rows == 0 || c.Columns == 0)
                return;
            var right = packed is null ? new RightOperand(b) : packed.Operand<T>();
            if (right.Depth == 0)
                Empty<T>();
            else if (!right.IsPacked && b.IsTransposed && !a.IsTransposed && c.Rows == 1 && !b.IsFar && (long)b.Rows * b.Columns > NearSize)
                OneRowProduct.Run<T, E>(a, b, c, accumulate, epilogue);
            else if (!right.IsPacked && b.IsTransposed && !a.IsTransposed && c.Rows <= FewRows && (long)b.Rows * b.Columns > NearSize)
                FewRowsProduct.Run<T, E>(a, b, c, accumulate, epilogue);
            else if (!right.IsPacked && !b.IsTransposed && c.Rows <= (b.IsFar ? FarStreamRows : StreamRows))
                StreamProduct.Run<T, E>(a, b, c, accumulate, epilogue);
            else if (right.IsPacked && !a.IsTransposed && c.Rows <= PackedRowsProduct.MaxRows)
                PackedRowsProduct.Run<T, E>(a, right, c, accumulate, epilogue);
            else
                TiledProduct.Run<T, E>(a, right, c, accumulate, epilogue);
        }

        /// <summary>A sum without terms.</summary>
        private void Empty<T>()
            where T : struct, ILanes<T>
        {
            if (!accumulate)
            {
                for (var row = 0; row < c.Rows; row++)
                    new Span<float>(c.At(row, 0), c.Columns).Clear();
            }

            epilogue.Apply<T>(c.Data, c.Stride, 0, 0, c.Rows, c.Columns);
        }
    }
}
