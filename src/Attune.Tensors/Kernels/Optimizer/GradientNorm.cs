using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Kernels;

/// <summary>The length of gradients, and clipping it.</summary>
internal static unsafe class GradientNorm
{
    /// <summary>
    /// The sum of squares, always added in the same order. A global norm is the root of the sum over all tensors, in a fixed order of
    /// the tensors.
    /// </summary>
    public static double SumOfSquares(float* gradient, long count)
    {
        var pieces = new FixedPieces(count);
        double* partial = stackalloc double[FixedPieces.Most];
        RangeKernel.Run(pieces.Count, 1, new SquareKernel(pieces, gradient, partial));
        double total = 0;
        for (long p = 0; p < pieces.Count; p++)
            total += partial[p];
        return total;
    }

    /// <summary>min(1, limit / (norm + 1e-6)): what gradients are multiplied with so that their global norm does not pass a limit.</summary>
    public static float ClipScale(double norm, double limit) => (float)Math.Min(1, limit / (norm + 1e-6));

    /// <summary>Multiplies in place.</summary>
    public static void Scale(float* gradient, long count, float factor) =>
        Elementwise.Map(new AffineFormula(factor, 0), gradient, gradient, count);

    private readonly struct SquareKernel(FixedPieces pieces, float* gradient, double* partial) : IRangeKernel
    {
        // Squares of large gradients leave float32 long before their roots do; short runs are summed in float32, the rest in double.
        private const int RunLength = 512;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<T>(long start, long end)
            where T : struct, ILanes<T>
        {
            for (long piece = start; piece < end; piece++)
            {
                double sum = 0;
                for (long i = pieces.Start(piece); i < pieces.End(piece); i += RunLength)
                {
                    long count = Math.Min(RunLength, pieces.End(piece) - i);
                    sum += DotProduct.Row<T>(gradient + i, gradient + i, count);
                }
                partial[piece] = sum;
            }
        }
    }
}
