using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;
using Attune.Tensors.Parallel;

namespace Attune.Tensors.Kernels.Activation;

/// <summary>
/// Adds a bias to rows and applies an activation. <see cref="Biased"/>, if wanted, receives the sum before the activation.
/// Input and output may be the same memory.
/// </summary>
internal unsafe struct ActivationForward<TFunction> : ILaneKernel
    where TFunction : struct, IActivationFunction
{
    private const int GrainElements = 16384;

    public float* Input;
    public float* Bias;
    public float* Biased;
    public float* Output;
    public int Rows;
    public int Width;

    public readonly void Run<T>()
        where T : struct, ILanes<T> =>
        Workers.ForRanges(Rows, Math.Max(1, GrainElements / Math.Max(Width, 1)), new Job<T>(this));

    private readonly struct Job<T>(ActivationForward<TFunction> kernel) : IRangeJob
        where T : struct, ILanes<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int start, int end)
        {
            ActivationForward<TFunction> k = kernel;
            // Without a bias rows do not matter: one long row has fewer tails.
            bool flat = k.Bias is null;
            int rows = flat ? 1 : end - start;
            long width = flat ? (long)(end - start) * k.Width : k.Width;
            for (int row = 0; row < rows; row++)
            {
                long offset = (long)start * k.Width + row * width;
                float* input = k.Input + offset;
                float* output = k.Output + offset;
                float* biased = k.Biased is null ? null : k.Biased + offset;
                for (long column = 0; column < width; column += T.Width)
                {
                    int lanes = (int)Math.Min(T.Width, width - column);
                    T x = T.LoadPartial(input + column, lanes);
                    if (!flat)
                        x += T.LoadPartial(k.Bias + column, lanes);
                    if (biased is not null)
                        T.StorePartial(biased + column, x, lanes);
                    T.StorePartial(output + column, TFunction.Value(x), lanes);
                }
            }
        }
    }
}
