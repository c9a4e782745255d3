using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;
using Attune.Tensors.Parallel;

namespace Attune.Tensors.Kernels.Softmax;

/// <summary>exp(x - max) / sum along each row, or its logarithm. Input and output may be the same memory.</summary>
internal unsafe struct SoftmaxForward : ILaneKernel
{
    private const int GrainElements = 8192;

    public float* Input;
    public float* Output;
    public bool Logarithm;
    public int Rows;
    public int Width;

    public readonly void Run<T>()
        where T : struct, ILanes<T> =>
        Workers.ForRanges(Rows, Math.Max(1, GrainElements / Math.Max(Width, 1)), new Job<T>(this));

    private readonly struct Job<T>(SoftmaxForward kernel) : IRangeJob
        where T : struct, ILanes<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int start, int end)
        {
            SoftmaxForward k = kernel;
            for (int row = start; row < end; row++)
            {
                float* input = k.Input + (long)row * k.Width;
                float* output = k.Output + (long)row * k.Width;
                float max = SoftmaxRow.Max<T>(input, k.Width);
                float sum = SoftmaxRow.Exponentials<T>(input, max, k.Logarithm ? null : output, k.Width);
                T shift = T.Broadcast(max + MathF.Log(sum));
                T factor = T.Broadcast(1 / sum);
                for (int column = 0; column < k.Width; column += T.Width)
                {
                    int lanes = Math.Min(T.Width, k.Width - column);
                    T y = k.Logarithm ? T.LoadPartial(input + column, lanes) - shift : T.LoadPartial(output + column, lanes) * factor;
                    T.StorePartial(output + column, y, lanes);
                }
            }
        }
    }
}
