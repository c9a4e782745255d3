using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;
using Attune.Tensors.Parallel;

namespace Attune.Tensors.Kernels.Embedding;

/// <summary>
/// Adds each output row's gradient to the table row it came from. Work is cut by columns, so that repeated ids add up in the order
/// of the rows whoever does it.
/// </summary>
internal unsafe struct EmbeddingBackward : ILaneKernel
{
    private const int GrainColumns = 64;

    public EmbeddingPart Part;
    public float* OutputGradient;
    public float* TableGradient;
    public int Rows;
    public int Width;

    public readonly void Run<T>()
        where T : struct, ILanes<T> => Workers.ForRanges(Width, GrainColumns, new Job<T>(this));

    private readonly struct Job<T>(EmbeddingBackward kernel) : IRangeJob
        where T : struct, ILanes<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int start, int end)
        {
            EmbeddingBackward k = kernel;
            for (int row = 0; row < k.Rows; row++)
            {
                int id = k.Part.Ids[row];
                if (id == k.Part.Padding)
                    continue;
                float* source = k.OutputGradient + (long)row * k.Width;
                float* target = k.TableGradient + (long)id * k.Width;
                for (int column = start; column < end; column += T.Width)
                {
                    int lanes = Math.Min(T.Width, end - column);
                    T.StorePartial(target + column, T.LoadPartial(target + column, lanes) + T.LoadPartial(source + column, lanes), lanes);
                }
            }
        }
    }
}
