using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;
using Attune.Tensors.Parallel;

namespace Attune.Tensors.Kernels;

/// <summary>
/// Sums over rows in a fixed order: rows are cut into pieces that depend on their number only, each piece has a row of partial sums,
/// and <see cref="Combine"/> adds those in order. So gradients of biases and norms do not depend on the number of threads.
/// </summary>
internal static class ColumnPartials
{
    private const int LeastRows = 16;
    private const int MostPieces = 64;

    /// <summary>How many rows make one piece.</summary>
    public static int Grain(int rows) => Math.Max(LeastRows, (rows + MostPieces - 1) / MostPieces);

    /// <summary>How many pieces there are.</summary>
    public static int Pieces(int rows) => (rows + Grain(rows) - 1) / Grain(rows);

    /// <summary>Adds <paramref name="pieces"/> rows of partial sums, each <paramref name="stride"/> floats after the other.</summary>
    /// <param name="partials">The first partial sum.</param>
    /// <param name="pieces">The number of rows of partial sums.</param>
    /// <param name="stride">The distance between them.</param>
    /// <param name="width">The number of columns.</param>
    /// <param name="target">Where the sums go.</param>
    /// <param name="accumulate">Whether to add to what is there.</param>
    public static unsafe void Combine(float* partials, int pieces, int stride, int width, float* target, bool accumulate) =>
        LaneKernel.Run(new Kernel { Partials = partials, Pieces = pieces, Stride = stride, Width = width, Target = target, Accumulate = accumulate });

    private unsafe struct Kernel : ILaneKernel
    {
        private const int Grain = 256;

        public float* Partials;
        public int Pieces;
        public int Stride;
        public int Width;
        public float* Target;
        public bool Accumulate;

        public readonly void Run<T>()
            where T : struct, ILanes<T> => Workers.ForRanges(Width, Grain, new Columns<T>(this));

        private readonly struct Columns<T>(Kernel kernel) : IRangeJob
            where T : struct, ILanes<T>
        {
            [MethodImpl(MethodImplOptions.AggressiveOptimization)]
            public void Run(int start, int end)
            {
                Kernel k = kernel;
                for (int column = start; column < end; column += T.Width)
                {
                    int lanes = Math.Min(T.Width, end - column);
                    T sum = k.Accumulate ? T.LoadPartial(k.Target + column, lanes) : T.Zero;
                    for (int piece = 0; piece < k.Pieces; piece++)
                        sum += T.LoadPartial(k.Partials + (long)piece * k.Stride + column, lanes);
                    T.StorePartial(k.Target + column, sum, lanes);
                }
            }
        }
    }
}
