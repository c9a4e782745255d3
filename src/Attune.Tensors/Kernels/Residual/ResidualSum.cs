using System.Runtime.CompilerServices;
using Attune.Tensors.Kernels.Dropout;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Kernels.Residual;

/// <summary>target = input (dropped out) + residual, along one row.</summary>
internal static unsafe class ResidualSum
{
    /// <summary>Adds one row; without a residual it is dropout alone. All pointers may be the same.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Row<T>(float* input, float* residual, in DropoutMask dropout, long firstIndex, float* target, int width)
        where T : struct, ILanes<T>
    {
        bool drops = dropout.IsActive;
        float* buffer = stackalloc float[drops ? DropoutMask.BufferLength : 0];
        for (int from = 0; from < width; from += DropoutMask.MaxCount)
        {
            int to = Math.Min(width, from + DropoutMask.MaxCount);
            float* mask = drops ? dropout.Fill<T>(buffer, firstIndex + from, to - from) : null;
            for (int column = from; column < to; column += T.Width)
            {
                int lanes = Math.Min(T.Width, to - column);
                T sum = T.LoadPartial(input + column, lanes);
                if (mask is not null)
                    sum *= T.LoadPartial(mask + (column - from), lanes);
                if (residual is not null)
                    sum += T.LoadPartial(residual + column, lanes);
                T.StorePartial(target + column, sum, lanes);
            }
        }
    }
}
