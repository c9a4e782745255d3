using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;
using Attune.Tensors.Parallel;

namespace Attune.Tensors.Kernels.Activation;

/// <summary>
/// The gradient before an activation (output gradient times slope), and, if <see cref="Partials"/> is there, its sums over pieces of
/// rows for the bias. Input and output gradient may be the same memory.
/// </summary>
internal unsafe struct ActivationBackward<TFunction> : ILaneKernel
    where TFunction : struct, IActivationFunction
{
    public float* Kept;
    public float* OutputGradient;

    /// <summary>Null if only the sums over rows are wanted.</summary>
    public float* InputGradient;
    public bool Accumulate;
    public float* Partials;
    public int Rows;
    public int Width;

    public readonly void Run<T>()
        where T : struct, ILanes<T> => Workers.ForRanges(Rows, ColumnPartials.Grain(Rows), new Job<T>(this));

    private readonly struct Job<T>(ActivationBackward<TFunction> kernel) : IRangeJob
        where T : struct, ILanes<T>
    {
        // Not inlined, so that the JIT has all its room for the slope.
        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        public void Run(int start, int end)
        {
            ActivationBackward<TFunction> k = kernel;
            float* partial = k.Partials is null ? null : k.Partials + (long)(start / ColumnPartials.Grain(k.Rows)) * k.Width;
            for (int row = start; row < end; row++)
            {
                long offset = (long)row * k.Width;
                for (int column = 0; column < k.Width; column += T.Width)
                {
                    int lanes = Math.Min(T.Width, k.Width - column);
                    T gradient = T.LoadPartial(k.OutputGradient + offset + column, lanes);
                    if (typeof(TFunction) != typeof(IdentityFunction))
                        gradient *= TFunction.Slope(T.LoadPartial(k.Kept + offset + column, lanes));
                    if (k.InputGradient is not null)
                    {
                        float* target = k.InputGradient + offset + column;
                        T.StorePartial(target, k.Accumulate ? T.LoadPartial(target, lanes) + gradient : gradient, lanes);
                    }
                    if (partial is not null)
                        T.StorePartial(partial + column, row == start ? gradient : T.LoadPartial(partial + column, lanes) + gradient, lanes);
                }
            }
        }
    }
}
