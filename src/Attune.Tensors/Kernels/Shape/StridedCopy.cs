using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Kernels;

/// <summary>Copies any strided view (permuted or repeated axes) into a contiguous array.</summary>
internal static unsafe class StridedCopy
{
    // A square of this side fits in the first cache twice over, so each line is fetched once although one side is walked across.
    private const int Tile = 32;

    /// <summary>target[i, j, ..] = source[i * strides[0] + j * strides[1] + ..], or adds it.</summary>
    public static void Run(float* source, Strides strides, float* target, Shape shape, bool accumulate)
    {
        if (shape.Count == 0)
            return;
        var view = new View(strides, shape);
        int last = view.Rank - 1;
        int contiguous = -1;
        for (int axis = 0; axis < last; axis++)
        {
            if (view.Stride(axis) == 1)
                contiguous = axis;
        }
        if (view.Stride(last) > 1 && contiguous >= 0)
        {
            long tiles = (view.Extent(contiguous) + Tile - 1) / Tile;
            long others = shape.Count / view.Extent(contiguous) / view.Extent(last);
            RangeKernel.Run(
                others * tiles, RangeKernel.Rows(Tile * view.Extent(last)), new TransposeKernel(source, view, target, contiguous, tiles, accumulate));
            return;
        }
        long rows = shape.Count / view.Extent(last);
        if (rows == 1 && view.Stride(last) == 1)
            BlockCopy.Run(source, view.Extent(last), target, view.Extent(last), 1, view.Extent(last), accumulate);
        else
            RangeKernel.Run(rows, RangeKernel.Rows(view.Extent(last)), new RowKernel(source, view, target, accumulate));
    }

    private readonly struct RowKernel(float* source, View view, float* target, bool accumulate) : IRangeKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<T>(long start, long end)
            where T : struct, ILanes<T>
        {
            int last = view.Rank - 1;
            long width = view.Extent(last), stride = view.Stride(last);
            for (long row = start; row < end; row++)
            {
                float* from = source + view.Offset(row, last);
                float* to = target + row * width;
                if (stride == 1)
                {
                    BlockCopy.Row<T>(from, to, width, accumulate);
                    continue;
                }
                for (long i = 0; i < width; i++)
                    to[i] = accumulate ? to[i] + from[i * stride] : from[i * stride];
            }
        }
    }

    /// <summary>Exchanges the axis that is contiguous in the source with the one that is contiguous in the target, tile by tile.</summary>
    private readonly struct TransposeKernel(float* source, View view, float* target, int contiguous, long tiles, bool accumulate) : IRangeKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<T>(long start, long end)
            where T : struct, ILanes<T>
        {
            int last = view.Rank - 1;
            long height = view.Extent(contiguous), width = view.Extent(last), sourceStride = view.Stride(last);
            long targetStride = view.TargetStride(contiguous);
            for (long item = start; item < end; item++)
            {
                long other = item / tiles, first = (item - other * tiles) * Tile;
                (long from, long to) = view.Offsets(other, contiguous, last);
                long rows = Math.Min(Tile, height - first);
                for (long left = 0; left < width; left += Tile)
                {
                    long columns = Math.Min(Tile, width - left);
                    Transpose(
                        source + from + first + left * sourceStride, sourceStride, target + to + first * targetStride + left, targetStride, rows, columns);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Transpose(float* from, long fromStride, float* to, long toStride, long rows, long columns)
        {
            for (long row = 0; row < rows; row++)
            {
                float* line = to + row * toStride;
                if (accumulate)
                {
                    for (long column = 0; column < columns; column++)
                        line[column] += from[row + column * fromStride];
                }
                else
                {
                    for (long column = 0; column < columns; column++)
                        line[column] = from[row + column * fromStride];
                }
            }
        }
    }

    /// <summary>The axes that matter: those of extent 1 dropped, those that are walked as one merged.</summary>
    private readonly struct View
    {
        private readonly Axes _extents;
        private readonly Axes _strides;
        private readonly Axes _targetStrides;

        public View(Strides strides, Shape shape)
        {
            int rank = 0;
            for (int axis = 0; axis < shape.Rank; axis++)
            {
                int extent = shape[axis];
                if (extent == 1)
                    continue;
                if (rank > 0 && _strides[rank - 1] == strides[axis] * extent)
                {
                    _extents[rank - 1] *= extent;
                    _strides[rank - 1] = strides[axis];
                    continue;
                }
                _extents[rank] = extent;
                _strides[rank] = strides[axis];
                rank++;
            }
            if (rank == 0)
            {
                _extents[0] = 1;
                _strides[0] = 1;
                rank = 1;
            }
            Rank = rank;
            long stride = 1;
            for (int axis = rank - 1; axis >= 0; axis--)
            {
                _targetStrides[axis] = stride;
                stride *= _extents[axis];
            }
        }

        public int Rank { get; }

        public long Extent(int axis) => _extents[axis];

        public long Stride(int axis) => _strides[axis];

        public long TargetStride(int axis) => _targetStrides[axis];

        /// <summary>Where the <paramref name="index"/>-th combination of the first <paramref name="axes"/> axes begins in the source.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public long Offset(long index, int axes)
        {
            long offset = 0;
            for (int axis = axes - 1; axis >= 0; axis--)
            {
                long above = index / _extents[axis];
                offset += (index - above * _extents[axis]) * _strides[axis];
                index = above;
            }
            return offset;
        }

        /// <summary>Where the <paramref name="index"/>-th combination of all axes but two begins in the source and in the target.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public (long Source, long Target) Offsets(long index, int without, int orWithout)
        {
            long source = 0, target = 0;
            for (int axis = Rank - 1; axis >= 0; axis--)
            {
                if (axis == without || axis == orWithout)
                    continue;
                long above = index / _extents[axis];
                long position = index - above * _extents[axis];
                source += position * _strides[axis];
                target += position * _targetStrides[axis];
                index = above;
            }
            return (source, target);
        }

        [InlineArray(Shape.MaxRank)]
        private struct Axes
        {
            private long _first;
        }
    }
}
