using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;
using Attune.Tensors.Parallel;

namespace Attune.Tensors.Kernels.Softmax;

/// <summary>
/// The gradient of softmax from its value y: y (dy - sum(dy y)); of its logarithm: dy - exp(y) sum(dy).
/// </summary>
internal unsafe struct SoftmaxBackward : ILaneKernel
{
    private const int GrainElements = 8192;

    public float* Output;
    public float* OutputGradient;
    public float* InputGradient;
    public bool Accumulate;
    public bool Logarithm;
    public int Rows;
    public int Width;

    public readonly void Run<T>()
        where T : struct, ILanes<T> =>
        Workers.ForRanges(Rows, Math.Max(1, GrainElements / Math.Max(Width, 1)), new Job<T>(this));

    private readonly struct Job<T>(SoftmaxBackward kernel) : IRangeJob
        where T : struct, ILanes<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int start, int end)
        {
            SoftmaxBackward k = kernel;
            for (int row = start; row < end; row++)
            {
                float* y = k.Output + (long)row * k.Width;
                float* dy = k.OutputGradient + (long)row * k.Width;
                float* dx = k.InputGradient + (long)row * k.Width;
                T sum = T.Zero;
                for (int column = 0; column < k.Width; column += T.Width)
                {
                    int lanes = Math.Min(T.Width, k.Width - column);
                    T gradient = T.LoadPartial(dy + column, lanes);
                    sum += k.Logarithm ? gradient : gradient * T.LoadPartial(y + column, lanes);
                }
                T total = T.Broadcast(T.Sum(sum));
                for (int column = 0; column < k.Width; column += T.Width)
                {
                    int lanes = Math.Min(T.Width, k.Width - column);
                    T value = T.LoadPartial(y + column, lanes), gradient = T.LoadPartial(dy + column, lanes);
                    gradient = k.Logarithm ? T.FmaNegated(LaneMath.Exp(value), total, gradient) : value * (gradient - total);
                    T.StorePartial(dx + column, k.Accumulate ? T.LoadPartial(dx + column, lanes) + gradient : gradient, lanes);
                }
            }
        }
    }
}
