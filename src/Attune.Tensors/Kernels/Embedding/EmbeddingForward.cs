using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;
using Attune.Tensors.Parallel;

namespace Attune.Tensors.Kernels.Embedding;

/// <summary>Each output row is the sum of one row of every table.</summary>
internal unsafe struct EmbeddingForward : ILaneKernel
{
    private const int GrainElements = 16384;

    public EmbeddingParts Parts;
    public int Count;
    public float* Output;
    public int Rows;
    public int Width;

    public readonly void Run<T>()
        where T : struct, ILanes<T> =>
        Workers.ForRanges(Rows, Math.Max(1, GrainElements / Math.Max(Width, 1)), new Job<T>(this));

    private readonly struct Job<T>(EmbeddingForward kernel) : IRangeJob
        where T : struct, ILanes<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int start, int end)
        {
            EmbeddingForward k = kernel;
            for (int row = start; row < end; row++)
            {
                float* output = k.Output + (long)row * k.Width;
                for (int part = 0; part < k.Count; part++)
                {
                    float* source = k.Parts[part].Table + (long)k.Parts[part].Ids[row] * k.Width;
                    for (int column = 0; column < k.Width; column += T.Width)
                    {
                        int lanes = Math.Min(T.Width, k.Width - column);
                        T value = T.LoadPartial(source + column, lanes);
                        T.StorePartial(output + column, part == 0 ? value : T.LoadPartial(output + column, lanes) + value, lanes);
                    }
                }
            }
        }
    }
}
