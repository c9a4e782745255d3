using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;
using Attune.Tensors.Parallel;

namespace Attune.Tensors.Kernels.CrossEntropy;

/// <summary>Brings some rows together, each at most once, and adds to them where they came from.</summary>
internal unsafe struct SelectedRows : ILaneKernel
{
    private const int GrainElements = 16384;

    private float* _source;
    private float* _target;
    private int* _rows;
    private int _count;
    private int _width;
    private float _factor;
    private bool _scatter;

    /// <summary>target[i] = factor * source[rows[i]]</summary>
    public static void Gather(float* source, int* rows, int count, int width, float factor, float* target) =>
        LaneKernel.Run(new SelectedRows { _source = source, _target = target, _rows = rows, _count = count, _width = width, _factor = factor });

    /// <summary>target[rows[i]] += factor * source[i]</summary>
    public static void ScatterAdd(float* source, int* rows, int count, int width, float factor, float* target) =>
        LaneKernel.Run(new SelectedRows
        {
            _source = source,
            _target = target,
            _rows = rows,
            _count = count,
            _width = width,
            _factor = factor,
            _scatter = true,
        });

    public readonly void Run<T>()
        where T : struct, ILanes<T> =>
        Workers.ForRanges(_count, Math.Max(1, GrainElements / Math.Max(_width, 1)), new Job<T>(this));

    private readonly struct Job<T>(SelectedRows kernel) : IRangeJob
        where T : struct, ILanes<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int start, int end)
        {
            SelectedRows k = kernel;
            T factor = T.Broadcast(k._factor);
            for (int i = start; i < end; i++)
            {
                float* source = k._source + (long)(k._scatter ? i : k._rows[i]) * k._width;
                float* target = k._target + (long)(k._scatter ? k._rows[i] : i) * k._width;
                for (int column = 0; column < k._width; column += T.Width)
                {
                    int lanes = Math.Min(T.Width, k._width - column);
                    T value = T.LoadPartial(source + column, lanes) * factor;
                    T.StorePartial(target + column, k._scatter ? T.LoadPartial(target + column, lanes) + value : value, lanes);
                }
            }
        }
    }
}
