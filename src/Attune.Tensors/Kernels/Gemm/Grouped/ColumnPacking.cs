using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;
using Attune.Tensors.Memory;

namespace Attune.Tensors.Kernels.Gemm.Grouped;

/// <summary>Packs the right operand of a grouped product: each panel holds, group after group along the sum, those of its columns.</summary>
internal static unsafe class ColumnPacking
{
    /// <summary>The largest integer that stands for a weight; its negative is the smallest.</summary>
    private const float Largest = 127;

    /// <summary>The largest weight of a column below which all its weights count as zero.</summary>
    private const float Smallest = 1e-30f;

    /// <summary>Packs one panel of <paramref name="b"/> [depth, columns], with zeros for columns and terms that fill it up.</summary>
    public static void Panel<T>(in MatrixView b, in GroupedOperand target, int panel)
        where T : struct, ILanes<T>
    {
        for (var column = panel * GroupKinds.PanelColumns; column < (panel + 1) * GroupKinds.PanelColumns; column += T.Width)
        {
            var strip = ThreadScratch.Own((nint)target.Depth * T.Width);
            Gather<T>(b, column, strip);
            var lane = column % GroupKinds.PanelColumns;
            var groups = (float*)(target.Panels + (panel * target.PanelStride)) + lane;
            if (target.Kind == GroupKind.Bytes)
                Bytes<T>(strip, target.Depth, target.Groups, groups, target.Scales(panel) + lane, target.Sums(panel) + lane);
            else
                BFloat16<T>(strip, target.Depth, target.Groups, groups);
        }
    }

    /// <summary>Copies one register of columns, term after term; columns beyond the last become zeros.</summary>
    private static void Gather<T>(in MatrixView b, int column, float* strip)
        where T : struct, ILanes<T>
    {
        var columns = Math.Clamp(b.Columns - column, 0, T.Width);
        if (columns == 0)
            new Span<float>(strip, b.Rows * T.Width).Clear();
        else if (!b.IsTransposed)
            GatherRows<T>(b.At(0, column), b.Stride, b.Rows, columns, strip);
        else if (columns == T.Width)
            GatherTransposed<T>(b.At(0, column), b.Stride, b.Rows, strip);
        else
            GatherPart(b.At(0, column), b.Stride, b.Rows, columns, T.Width, strip);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void GatherRows<T>(float* source, nint stride, int depth, int columns, float* strip)
        where T : struct, ILanes<T>
    {
        for (; depth > 0; depth--, source += stride, strip += T.Width)
            T.Store(strip, columns == T.Width ? T.Load(source) : T.LoadPartial(source, columns));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void GatherTransposed<T>(float* source, nint stride, int depth, float* strip)
        where T : struct, ILanes<T>
    {
        nint k = 0;
        for (; k + T.Width <= depth; k += T.Width)
            T.Transpose(source + k, stride, strip + (k * T.Width), T.Width);
        for (; k < depth; k++)
        {
            for (nint column = 0; column < T.Width; column++)
                strip[(k * T.Width) + column] = source[(column * stride) + k];
        }
    }

    private static void GatherPart(float* source, nint stride, int depth, int columns, int width, float* strip)
    {
        new Span<float>(strip, depth * width).Clear();
        for (nint k = 0; k < depth; k++)
        {
            for (nint column = 0; column < columns; column++)
                strip[(k * width) + column] = source[(column * stride) + k];
        }
    }

    /// <summary>Each column's numbers as integers from -127 to 127 times a scale of its own.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Bytes<T>(float* strip, int depth, int groups, float* target, float* scales, float* sums)
        where T : struct, ILanes<T>
    {
        var largest = T.Zero;
        for (nint k = 0; k < depth; k++)
            largest = T.Max(largest, T.Abs(T.Load(strip + (k * T.Width))));
        // A column of zeros, or of numbers too small to divide by, has integers 0.
        var inverse = T.Select(T.LessThan(largest, T.Broadcast(Smallest)), T.Zero, T.Broadcast(Largest) / largest);
        var sum = T.Zero;
        for (nint group = 0; group < groups; group++)
        {
            var packed = T.Zero;
            var k = 4 * group;
            packed |= Integer(strip, k, depth, inverse, ref sum);
            packed |= T.ShiftLeft(Integer(strip, k + 1, depth, inverse, ref sum), 8);
            packed |= T.ShiftLeft(Integer(strip, k + 2, depth, inverse, ref sum), 16);
            packed |= T.ShiftLeft(Integer(strip, k + 3, depth, inverse, ref sum), 24);
            T.Store(target + (group * GroupKinds.PanelColumns), packed);
        }

        T.Store(scales, largest * T.Broadcast(1 / Largest));
        T.Store(sums, T.FromInt(sum));
    }

    /// <summary>The lowest byte of the integers of a term.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Integer<T>(float* strip, nint term, int depth, T inverse, ref T sum)
        where T : struct, ILanes<T>
    {
        if (term >= depth)
            return T.Zero;
        var integer = T.ToInt(T.Load(strip + (term * T.Width)) * inverse);
        sum = T.AddInt(sum, integer);
        return integer & T.BroadcastInt(byte.MaxValue);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void BFloat16<T>(float* strip, int depth, int groups, float* target)
        where T : struct, ILanes<T>
    {
        for (nint group = 0; group < groups; group++)
        {
            var k = 2 * group;
            var first = k < depth ? BFloat16Bits.Of(T.Load(strip + (k * T.Width))) : T.Zero;
            var second = k + 1 < depth ? BFloat16Bits.Of(T.Load(strip + ((k + 1) * T.Width))) : T.Zero;
            T.Store(target + (group * GroupKinds.PanelColumns), first | T.ShiftLeft(second, 16));
        }
    }
}
