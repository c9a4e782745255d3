using System.Runtime.CompilerServices;
using Attune.Tensors.Kernels.Dropout;
using Attune.Tensors.Kernels.Residual;
using Attune.Tensors.Lanes;
using Attune.Tensors.Parallel;

namespace Attune.Tensors.Kernels.Norm;

/// <summary>
/// The gradients of <see cref="NormForward"/>. With x̂ = (h - mean) r and g = dy * weight, the gradient of h is
/// r (g - mean(g) - x̂ mean(g x̂)) plus what reaches h directly; uncentred without the mean of g.
/// </summary>
internal unsafe struct NormBackward : ILaneKernel
{
    public float* Input;

    /// <summary>Null if h is the input alone, or if <see cref="Sum"/> was kept.</summary>
    public float* Residual;

    /// <summary>h if it was kept, else null: it is then made again.</summary>
    public float* Sum;
    public DropoutMask Dropout;
    public long FirstIndex;
    public float* Weight;
    public bool Centred;
    public float* Statistics;

    /// <summary>Null if no gradient reached the normalised output.</summary>
    public float* OutputGradient;

    /// <summary>The gradient that reaches h directly, or null.</summary>
    public float* SumGradient;

    public float* InputGradient;
    public bool AccumulateInput;
    public float* ResidualGradient;
    public bool AccumulateResidual;

    /// <summary>Per piece of rows, the sums for the weight and then those for the bias; null if neither is wanted.</summary>
    public float* Partials;
    public int Rows;
    public int Width;

    public readonly void Run<T>()
        where T : struct, ILanes<T> => Workers.ForRanges(Rows, ColumnPartials.Grain(Rows), new Job<T>(this));

    private readonly struct Job<T>(NormBackward kernel) : IRangeJob
        where T : struct, ILanes<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int start, int end)
        {
            NormBackward k = kernel;
            float* partial = k.Partials is null ? null : k.Partials + 2L * (start / ColumnPartials.Grain(k.Rows)) * k.Width;
            if (partial is not null)
                new Span<float>(partial, 2 * k.Width).Clear();
            bool remake = k.Sum is null && k.Residual is not null;
            float[]? made = remake ? System.Buffers.ArrayPool<float>.Shared.Rent(k.Width) : null;
            fixed (float* scratch = made)
            {
                for (int row = start; row < end; row++)
                {
                    long offset = (long)row * k.Width;
                    float* h = k.Sum is not null ? k.Sum + offset : k.Input + offset;
                    if (remake)
                    {
                        h = scratch;
                        ResidualSum.Row<T>(k.Input + offset, k.Residual + offset, k.Dropout, k.FirstIndex + offset, h, k.Width);
                    }
                    Row(k, row, h, partial);
                }
            }
            if (made is not null)
                System.Buffers.ArrayPool<float>.Shared.Return(made);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Row(in NormBackward k, int row, float* h, float* partial)
        {
            int width = k.Width;
            long offset = (long)row * width;
            T mean = T.Broadcast(k.Statistics[2 * (long)row]);
            float deviation = k.Statistics[2 * (long)row + 1];
            T factor = T.Broadcast(deviation);
            float* outputGradient = k.OutputGradient is null ? null : k.OutputGradient + offset;
            float* weight = k.Weight;

            T sumGradient = T.Zero, sumProduct = T.Zero;
            if (outputGradient is not null)
            {
                for (int column = 0; column < width; column += T.Width)
                {
                    int lanes = Math.Min(T.Width, width - column);
                    T dy = T.LoadPartial(outputGradient + column, lanes);
                    // Lanes beyond the row have dy = 0, so what x̂ is there does not matter.
                    T normalised = (T.LoadPartial(h + column, lanes) - mean) * factor;
                    if (partial is not null)
                    {
                        T.StorePartial(partial + column, T.Fma(dy, normalised, T.LoadPartial(partial + column, lanes)), lanes);
                        T.StorePartial(partial + width + column, dy + T.LoadPartial(partial + width + column, lanes), lanes);
                    }
                    if (weight is not null)
                        dy *= T.LoadPartial(weight + column, lanes);
                    sumGradient += dy;
                    sumProduct = T.Fma(dy, normalised, sumProduct);
                }
            }
            if (k.InputGradient is null && k.ResidualGradient is null)
                return;

            T meanGradient = T.Broadcast(k.Centred ? T.Sum(sumGradient) / width : 0);
            T meanProduct = T.Broadcast(T.Sum(sumProduct) / width);
            float* direct = k.SumGradient is null ? null : k.SumGradient + offset;
            float* inputGradient = k.InputGradient is null ? null : k.InputGradient + offset;
            float* residualGradient = k.ResidualGradient is null ? null : k.ResidualGradient + offset;
            bool drops = k.Dropout.IsActive && inputGradient is not null;
            float* buffer = stackalloc float[drops ? DropoutMask.BufferLength : 0];
            for (int from = 0; from < width; from += DropoutMask.MaxCount)
            {
                int to = Math.Min(width, from + DropoutMask.MaxCount);
                float* mask = drops ? k.Dropout.Fill<T>(buffer, k.FirstIndex + offset + from, to - from) : null;
                for (int column = from; column < to; column += T.Width)
                {
                    int lanes = Math.Min(T.Width, to - column);
                    T gradient = T.Zero;
                    if (outputGradient is not null)
                    {
                        T dy = T.LoadPartial(outputGradient + column, lanes);
                        if (weight is not null)
                            dy *= T.LoadPartial(weight + column, lanes);
                        T normalised = (T.LoadPartial(h + column, lanes) - mean) * factor;
                        gradient = T.FmaNegated(normalised, meanProduct, dy - meanGradient) * factor;
                    }
                    if (direct is not null)
                        gradient += T.LoadPartial(direct + column, lanes);
                    if (residualGradient is not null)
                    {
                        float* target = residualGradient + column;
                        T.StorePartial(target, k.AccumulateResidual ? T.LoadPartial(target, lanes) + gradient : gradient, lanes);
                    }
                    if (inputGradient is not null)
                    {
                        float* target = inputGradient + column;
                        if (mask is not null)
                            gradient *= T.LoadPartial(mask + (column - from), lanes);
                        T.StorePartial(target, k.AccumulateInput ? T.LoadPartial(target, lanes) + gradient : gradient, lanes);
                    }
                }
            }
        }
    }
}
