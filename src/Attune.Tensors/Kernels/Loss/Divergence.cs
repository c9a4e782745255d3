using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Kernels;

/// <summary>The Kullback-Leibler divergence of softmaxes, row by row.</summary>
internal static unsafe class Divergence
{
    /// <summary>
    /// losses[r] = sum p_t (log p_t - log p_s); normalizers hold log sum exp of the sharpened logits, student and teacher of each row.
    /// </summary>
    public static void Forward(float* student, float* teacher, long rows, long classes, float sharpness, float* normalizers, float* losses) =>
        RangeKernel.Run(rows, RangeKernel.Rows(classes), new ForwardKernel(student, teacher, classes, sharpness, normalizers, losses));

    /// <summary>target = scale * (p_s - p_t), or adds it.</summary>
    public static void Backward(
        float* student, float* teacher, long rows, long classes, float sharpness, float* normalizers, float scale, float* target, bool accumulate) =>
        RangeKernel.Run(
            rows, RangeKernel.Rows(classes), new BackwardKernel(student, teacher, classes, sharpness, normalizers, scale, target, accumulate));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Max<T>(float* x, long count)
        where T : struct, ILanes<T>
    {
        T max = T.Broadcast(float.NegativeInfinity);
        for (long i = 0; i < count; i += T.Width)
        {
            int lanes = (int)Math.Min(T.Width, count - i);
            max = T.Max(max, T.Select(T.FirstLanes(lanes), T.LoadPartial(x + i, lanes), max));
        }
        return T.MaxAcross(max);
    }

    private readonly struct ForwardKernel(float* student, float* teacher, long classes, float sharpness, float* normalizers, float* losses) : IRangeKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<T>(long start, long end)
            where T : struct, ILanes<T>
        {
            T sharp = T.Broadcast(sharpness);
            for (long row = start; row < end; row++)
            {
                float* s = student + row * classes;
                float* t = teacher + row * classes;
                float maxS = Max<T>(s, classes), maxT = Max<T>(t, classes);
                T shiftS = T.Broadcast(maxS), shiftT = T.Broadcast(maxT), sumS = T.Zero, sumT = T.Zero, cross = T.Zero;
                for (long i = 0; i < classes; i += T.Width)
                {
                    int lanes = (int)Math.Min(T.Width, classes - i);
                    T valid = T.FirstLanes(lanes);
                    T ls = (T.LoadPartial(s + i, lanes) - shiftS) * sharp, lt = (T.LoadPartial(t + i, lanes) - shiftT) * sharp;
                    T weight = LaneMath.Exp(lt) & valid;
                    sumS += LaneMath.Exp(ls) & valid;
                    sumT += weight;
                    // A class that the teacher excludes with -inf counts nothing, also where the student excludes it too.
                    cross += T.Select(T.EqualTo(weight, T.Zero), T.Zero, weight * (lt - ls));
                }
                float totalT = T.Sum(sumT), logS = MathF.Log(T.Sum(sumS)), logT = MathF.Log(totalT);
                losses[row] = T.Sum(cross) / totalT + logS - logT;
                normalizers[2 * row] = maxS * sharpness + logS;
                normalizers[2 * row + 1] = maxT * sharpness + logT;
            }
        }
    }

    private readonly struct BackwardKernel(
        float* student, float* teacher, long classes, float sharpness, float* normalizers, float scale, float* target, bool accumulate) : IRangeKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<T>(long start, long end)
            where T : struct, ILanes<T>
        {
            T sharp = T.Broadcast(sharpness), factor = T.Broadcast(scale);
            for (long row = start; row < end; row++)
            {
                float* s = student + row * classes;
                float* t = teacher + row * classes;
                float* to = target + row * classes;
                T logS = T.Broadcast(normalizers[2 * row]), logT = T.Broadcast(normalizers[2 * row + 1]);
                for (long i = 0; i < classes; i += T.Width)
                {
                    int lanes = (int)Math.Min(T.Width, classes - i);
                    T ps = LaneMath.Exp(T.LoadPartial(s + i, lanes) * sharp - logS), pt = LaneMath.Exp(T.LoadPartial(t + i, lanes) * sharp - logT);
                    T value = factor * (ps - pt);
                    T.StorePartial(to + i, accumulate ? value + T.LoadPartial(to + i, lanes) : value, lanes);
                }
            }
        }
    }
}
