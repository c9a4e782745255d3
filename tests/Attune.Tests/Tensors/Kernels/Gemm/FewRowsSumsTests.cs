using Attune.Tensors;
using Attune.Tensors.Kernels.Gemm.FewRows;
using Attune.Tensors.Lanes;
using Xunit;

namespace Attune.Tests.Tensors.Kernels.Gemm;

/// <summary>Sums of few rows put together many at once, against one by one, bit for bit, with every instruction set of the machine.</summary>
public sealed unsafe class FewRowsSumsTests
{
    private const int Gap = 3;

    public static TheoryData<InstructionSet> Sets => [.. Isa.Available];

    [Theory]
    [MemberData(nameof(Sets))]
    public void ManyAtOnceGiveTheBitsOfOneByOne(InstructionSet set)
    {
        using var force = Isa.Force(set);
        foreach (var columns in (int[])[1, 5, 16, 42, 48])
            LaneKernel.Run(new Kernel(columns));
    }

    private readonly struct Kernel(int columns) : ILaneKernel
    {
        public void Run<T>()
            where T : struct, ILanes<T>
        {
            Check<T>(1, T.Width, accumulate: false);
            for (var terms = 1; terms <= T.Width; terms *= 2)
            {
                var places = 2 * T.Width / terms;
                Check<T>(places, terms, accumulate: false);
                Check<T>(places, terms, accumulate: true);
                Check<T>(places - 1, terms, accumulate: true);
            }
        }

        private void Check<T>(int rows, int terms, bool accumulate)
            where T : struct, ILanes<T>
        {
            var places = rows == 1 && terms == T.Width ? 1 : 2 * T.Width / terms;
            var whole = (columns + T.Width - 1) / T.Width * T.Width;
            var sums = Values(whole * places * terms);
            var target = Values(rows * (columns + Gap));
            var expected = (float[])target.Clone();
            fixed (float* from = sums, to = target)
            {
                for (var row = 0; row < rows; row++)
                {
                    for (var column = 0; column < columns; column++)
                    {
                        var sum = Sum<T>(from + (((column * places) + row) * terms), terms);
                        ref var place = ref expected[(row * (columns + Gap)) + column];
                        place = accumulate ? place + sum : sum;
                    }
                }

                FewRowsSums.AddTerms<T>(from, terms, places, whole);
                FewRowsSums.Store<T>(from, places, rows, columns, to, columns + Gap, accumulate);
            }

            Assert.Equal(expected, target);
        }

        private static float Sum<T>(float* values, int terms)
            where T : struct, ILanes<T>
        {
            if (terms == T.Width)
                return T.Sum(T.Load(values));
            var sum = values[0];
            for (var term = 1; term < terms; term++)
                sum += values[term];
            return sum;
        }

        private static float[] Values(int count)
        {
            var random = new Random(count);
            var values = new float[count];
            for (var i = 0; i < count; i++)
                values[i] = (random.NextSingle() * 2) - 1;
            return values;
        }
    }
}
