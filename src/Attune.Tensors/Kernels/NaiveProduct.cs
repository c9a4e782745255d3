using Attune.Tensors.Parallel;

namespace Attune.Tensors.Kernels;

/// <summary>C (+)= A B by definition.</summary>
internal static unsafe class NaiveProduct
{
    public static void Multiply(int m, int n, int k, float* a, bool aTransposed, float* b, bool bTransposed, float* c, bool accumulate) =>
        Workers.For(m, new Job { N = n, K = k, A = a, AStep = aTransposed ? (1, m) : (k, 1), B = b, BStep = bTransposed ? (1, k) : (n, 1), C = c, Accumulate = accumulate });

    private struct Job : IJob
    {
        public int N, K;
        public float* A, B, C;
        public (int Row, int Depth) AStep;
        public (int Depth, int Column) BStep;
        public bool Accumulate;

        public readonly void Run(int row)
        {
            float* c = C + (long)row * N;
            for (int column = 0; column < N; column++)
            {
                float sum = Accumulate ? c[column] : 0;
                for (int step = 0; step < K; step++)
                    sum += A[(long)row * AStep.Row + (long)step * AStep.Depth] * B[(long)step * BStep.Depth + (long)column * BStep.Column];
                c[column] = sum;
            }
        }
    }
}
