using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Kernels;

/// <summary>
/// u = g / sqrt(v), where v is kept for every element, or rebuilt from the means of rows and columns as R C / mean(R). It is computed
/// where it is needed, twice, and never stored.
/// </summary>
internal readonly unsafe struct AdafactorDirection
{
    private const long ElementsPerRow = 4096;

    private readonly float* _gradient;
    private readonly float* _second;
    private readonly float* _rowMeans;
    private readonly float _scale;
    private readonly long _columns;
    private readonly long _rows;

    /// <summary>With the mean squares of all <paramref name="count"/> elements.</summary>
    public AdafactorDirection(float* gradient, float* squares, float scale, long count)
        : this(gradient, squares, scale, count, ElementsPerRow, null, 0)
    {
    }

    /// <summary>With the mean squares of the columns and of the <paramref name="rows"/> rows of each matrix.</summary>
    public AdafactorDirection(float* gradient, float* columnMeans, float scale, long count, long columns, float* rowMeans, long rows)
    {
        _gradient = gradient;
        _second = columnMeans;
        _scale = scale;
        Count = count;
        _columns = columns;
        _rowMeans = rowMeans;
        _rows = rows;
    }

    /// <summary>The number of elements.</summary>
    public long Count { get; }

    private FixedPieces Pieces => new((Count + _columns - 1) / _columns, RangeKernel.Rows(_columns));

    /// <summary>The sum of u^2.</summary>
    public double SumOfSquares()
    {
        double* partial = stackalloc double[FixedPieces.Most];
        FixedPieces pieces = Pieces;
        RangeKernel.Run(pieces.Count, 1, new MeasureKernel(this, pieces, partial));
        double total = 0;
        for (long p = 0; p < pieces.Count; p++)
            total += partial[p];
        return total;
    }

    /// <summary>x = keep * x - s, where s is step * u, or with a mean: mean = beta * mean + (1 - beta) * step * u and s is the mean.</summary>
    public void Apply(float* x, float step, float keep, float beta, float* mean)
    {
        FixedPieces pieces = Pieces;
        RangeKernel.Run(pieces.Count, 1, new ApplyKernel(this, pieces, x, step, keep, beta, mean));
    }

    /// <summary>What the gradients of a row are multiplied with before the root of the column's mean divides them.</summary>
    private float RowFactor(long row, ref long matrix, ref double matrixMean)
    {
        if (_rowMeans is null)
            return _scale;
        if (row / _rows != matrix)
        {
            matrix = row / _rows;
            double total = 0;
            for (long r = 0; r < _rows; r++)
                total += _rowMeans[matrix * _rows + r];
            matrixMean = total / _rows;
        }
        return (float)(_scale * Math.Sqrt(matrixMean / _rowMeans[row]));
    }

    private float* Second(long row) => _second + (_rowMeans is null ? row * _columns : row / _rows * _columns);

    private long Width(long row) => Math.Min(_columns, Count - row * _columns);

    private readonly struct MeasureKernel(AdafactorDirection direction, FixedPieces pieces, double* partial) : IRangeKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<T>(long start, long end)
            where T : struct, ILanes<T>
        {
            for (long piece = start; piece < end; piece++)
            {
                double total = 0, mean = 0;
                long matrix = -1;
                for (long row = pieces.Start(piece); row < pieces.End(piece); row++)
                {
                    T factor = T.Broadcast(direction.RowFactor(row, ref matrix, ref mean)), sum = T.Zero;
                    float* gradient = direction._gradient + row * direction._columns;
                    float* second = direction.Second(row);
                    long width = direction.Width(row);
                    for (long i = 0; i < width; i += T.Width)
                    {
                        int lanes = (int)Math.Min(T.Width, width - i);
                        T u = factor * T.LoadPartial(gradient + i, lanes) / T.Sqrt(T.LoadPartial(second + i, lanes)) & T.FirstLanes(lanes);
                        sum = T.Fma(u, u, sum);
                    }
                    total += T.Sum(sum);
                }
                partial[piece] = total;
            }
        }
    }

    private readonly struct ApplyKernel(AdafactorDirection direction, FixedPieces pieces, float* x, float step, float keep, float beta, float* mean)
        : IRangeKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<T>(long start, long end)
            where T : struct, ILanes<T>
        {
            double matrixMean = 0;
            long matrix = -1;
            for (long row = pieces.Start(start); row < pieces.End(end - 1); row++)
            {
                T factor = T.Broadcast(step * direction.RowFactor(row, ref matrix, ref matrixMean));
                long first = row * direction._columns, width = direction.Width(row);
                float* second = direction.Second(row);
                for (long i = 0; i < width; i += T.Width)
                {
                    int lanes = (int)Math.Min(T.Width, width - i);
                    T move = factor * T.LoadPartial(direction._gradient + first + i, lanes) / T.Sqrt(T.LoadPartial(second + i, lanes));
                    if (mean is not null)
                    {
                        move = T.Fma(T.Broadcast(beta), T.LoadPartial(mean + first + i, lanes), T.Broadcast(1 - beta) * move);
                        T.StorePartial(mean + first + i, move, lanes);
                    }
                    T.StorePartial(x + first + i, T.Broadcast(keep) * T.LoadPartial(x + first + i, lanes) - move, lanes);
                }
            }
        }
    }
}
