using System.Runtime.CompilerServices;
using Attune.Tensors.Lanes;

namespace Attune.Tensors.Kernels.Gemm.FewRows;

/// <summary>
/// What becomes of the registers that <see cref="FewRowsKernel"/> leaves for a panel and some columns of C: the terms of each sum are added up
/// and the sums are put in their places, many at once.
/// </summary>
/// <remarks>One by one this takes as long as a sixth of the product of four rows with 768 terms.</remarks>
internal static unsafe class FewRowsSums
{
    /// <summary>Adds up neighbouring terms, those of as many lanes as a register has in the order of <c>ILanes.Sum</c>, fewer from left to right.</summary>
    /// <param name="sums">[columns, places, terms]; becomes [columns, places].</param>
    /// <param name="terms">Terms of a sum.</param>
    /// <param name="places">Sums of a column.</param>
    /// <param name="columns">A multiple of the lanes.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddTerms<T>(float* sums, int terms, int places, int columns)
        where T : struct, ILanes<T>
    {
        var target = sums;
        var end = sums + ((nint)columns * places * terms);
        if (terms == T.Width)
        {
            for (; sums < end; sums += T.Width * T.Width, target += T.Width)
                T.Store(target, T.Width == 16 ? Sixteen<T>(sums) : T.Width == 8 ? Eight<T>(sums) : Four<T>(sums));
        }
        else if (terms == 2)
        {
            for (; sums < end; sums += 2 * T.Width, target += T.Width)
            {
                var t0 = T.Unzip(T.Load(sums), T.Load(sums + T.Width), 1, out var t1);
                T.Store(target, t0 + t1);
            }
        }
        else if (terms == 4)
        {
            for (; sums < end; sums += 4 * T.Width, target += T.Width)
            {
                UnzipFour(sums, out T t0, out var t1, out var t2, out var t3);
                T.Store(target, t0 + t1 + t2 + t3);
            }
        }
        else if (terms == 8)
        {
            for (; sums < end; sums += 8 * T.Width, target += T.Width)
            {
                UnzipEight(sums, out T t0, out var t1, out var t2, out var t3, out var t4, out var t5, out var t6, out var t7);
                T.Store(target, t0 + t1 + t2 + t3 + t4 + t5 + t6 + t7);
            }
        }
    }

    /// <summary>Puts sums into C, or adds them to it.</summary>
    /// <param name="sums">[columns, places], with memory for a whole number of registers of columns.</param>
    /// <param name="places">Sums of a column, a power of two up to twice the lanes.</param>
    /// <param name="rows">How many of the sums of a column are rows of C.</param>
    /// <param name="columns">Columns of C.</param>
    /// <param name="target">The first of C.</param>
    /// <param name="stride">Floats from one row of C to the next.</param>
    /// <param name="accumulate">Whether C is added to.</param>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Store<T>(float* sums, int places, int rows, int columns, float* target, nint stride, bool accumulate)
        where T : struct, ILanes<T>
    {
        var block = stackalloc float[2 * T.Width * T.Width];
        for (; columns > 0; columns -= T.Width, target += T.Width, sums += (nint)T.Width * places)
        {
            var source = block;
            if (places == 1)
                source = sums;
            else
                Transpose<T>(sums, places, block);
            var to = target;
            for (var row = 0; row < rows; row++, source += T.Width, to += stride)
            {
                var sum = T.Load(source);
                if (columns >= T.Width)
                    T.Store(to, accumulate ? T.Load(to) + sum : sum);
                else
                    T.StorePartial(to, accumulate ? T.LoadPartial(to, columns) + sum : sum, columns);
            }
        }
    }

    /// <summary>[lanes, places] becomes [places, lanes].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose<T>(float* source, int places, float* target)
        where T : struct, ILanes<T>
    {
        if (places >= T.Width)
        {
            for (var place = 0; place < places; place += T.Width)
                T.Transpose(source + place, places, target + (place * T.Width), T.Width);
        }
        else if (places == 2)
        {
            T.Store(target, T.Unzip(T.Load(source), T.Load(source + T.Width), 1, out var odd));
            T.Store(target + T.Width, odd);
        }
        else if (places == 4)
        {
            UnzipFour(source, out T t0, out var t1, out var t2, out var t3);
            StoreFour(target, t0, t1, t2, t3);
        }
        else
        {
            UnzipEight(source, out T t0, out var t1, out var t2, out var t3, out var t4, out var t5, out var t6, out var t7);
            StoreFour(target, t0, t1, t2, t3);
            StoreFour(target + (4 * T.Width), t4, t5, t6, t7);
        }
    }

    /// <summary>Every fourth of as many values as four registers hold, from the first, the second, the third and the fourth on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void UnzipFour<T>(float* source, out T t0, out T t1, out T t2, out T t3)
        where T : struct, ILanes<T>
    {
        var even0 = T.Unzip(T.Load(source), T.Load(source + T.Width), 1, out var odd0);
        var even1 = T.Unzip(T.Load(source + (2 * T.Width)), T.Load(source + (3 * T.Width)), 1, out var odd1);
        t0 = T.Unzip(even0, even1, 1, out t2);
        t1 = T.Unzip(odd0, odd1, 1, out t3);
    }

    /// <summary>The same for every eighth.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void UnzipEight<T>(float* source, out T t0, out T t1, out T t2, out T t3, out T t4, out T t5, out T t6, out T t7)
        where T : struct, ILanes<T>
    {
        UnzipFour(source, out T a0, out var a1, out var a2, out var a3);
        UnzipFour(source + (4 * T.Width), out T b0, out var b1, out var b2, out var b3);
        t0 = T.Unzip(a0, b0, 1, out t4);
        t1 = T.Unzip(a1, b1, 1, out t5);
        t2 = T.Unzip(a2, b2, 1, out t6);
        t3 = T.Unzip(a3, b3, 1, out t7);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreFour<T>(float* target, T t0, T t1, T t2, T t3)
        where T : struct, ILanes<T>
    {
        T.Store(target, t0);
        T.Store(target + T.Width, t1);
        T.Store(target + (2 * T.Width), t2);
        T.Store(target + (3 * T.Width), t3);
    }

    /// <summary>The sums of each of four registers' lanes, as far as four registers can be reduced to one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Four<T>(float* source)
        where T : struct, ILanes<T>
        => AddHalves(
            AddHalves(T.Load(source), T.Load(source + T.Width), T.Width / 2),
            AddHalves(T.Load(source + (2 * T.Width)), T.Load(source + (3 * T.Width)), T.Width / 2),
            T.Width / 4);

    /// <summary>The same of eight registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Eight<T>(float* source)
        where T : struct, ILanes<T>
        => AddHalves(Four<T>(source), Four<T>(source + (4 * T.Width)), T.Width / 8);

    /// <summary>The same of sixteen registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Sixteen<T>(float* source)
        where T : struct, ILanes<T>
        => AddHalves(Eight<T>(source), Eight<T>(source + (8 * T.Width)), T.Width / 16);

    /// <summary>In each pair of groups of <paramref name="size"/> lanes, the first added to the second.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T AddHalves<T>(T a, T b, int size)
        where T : struct, ILanes<T>
    {
        var first = T.Unzip(a, b, size, out var second);
        return first + second;
    }
}
