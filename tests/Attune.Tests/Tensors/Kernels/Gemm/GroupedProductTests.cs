using Attune.Tensors;
using Attune.Tensors.Kernels.Gemm;
using Attune.Tensors.Kernels.Gemm.Grouped;
using Attune.Tensors.Lanes;
using Attune.Tensors.Parallel;
using Attune.Tests.Tensors.Parallel;
using Xunit;
using Product = Attune.Tensors.Kernels.Gemm.Gemm;

namespace Attune.Tests.Tensors.Kernels.Gemm;

/// <summary>Products of bytes and of bfloat16 numbers against their definition, with every instruction set of the machine.</summary>
[Collection(nameof(Workers))]
public sealed unsafe class GroupedProductTests
{
    public static TheoryData<InstructionSet> Sets => [.. Isa.Available];

    /// <summary>Sizes that reach every path: single rows, edges of tiles, panels, groups and registers, several items of work, several runs of panels.</summary>
    private static readonly (int Rows, int Columns, int Depth)[] Sizes =
    [
        (1, 1, 1), (1, 40, 64), (2, 7, 3), (3, 32, 5), (4, 33, 17), (5, 64, 66), (13, 31, 129), (14, 32, 64), (15, 97, 40), (29, 65, 23),
        (33, 130, 385), (45, 63, 401), (70, 260, 9), (129, 34, 770),
        (1, 5000, 21), (3, 1100, 12), (14, 900, 40),
    ];

    [Theory]
    [MemberData(nameof(Sets))]
    public void BytesHaveTheBitsOfTheirDefinition(InstructionSet set)
    {
        using var force = Isa.Force(set);
        foreach (var (rows, columns, depth) in Sizes)
        {
            for (var form = 0; form < 8; form++)
            {
                var test = new Operands(rows, columns, depth, (form & 1) != 0, (form & 2) != 0, (form & 4) != 0, form);
                var expected = test.Bytes();
                Assert.Equal(expected, test.Multiply(Precision.Int8));
                Assert.Equal(expected, test.MultiplyFixed(GroupKind.Bytes));
            }
        }
    }

    /// <summary>Sums of the largest integers there are: an instruction that adds pairs in 16 bits would stop at 32767.</summary>
    [Theory]
    [MemberData(nameof(Sets))]
    public void TheLargestBytesDoNotSaturate(InstructionSet set)
    {
        const int rows = 9, columns = 40, depth = 1537;
        using var force = Isa.Force(set);
        var test = new Operands(rows, columns, depth, false, false, false, 1);
        for (var i = 0; i < test.A.Length; i++)
            test.A[i] = i % depth == 0 ? 0 : 1;
        for (var i = 0; i < test.B.Length; i++)
            test.B[i] = i % columns % 2 == 0 ? 1 : -1;
        var result = test.Multiply(Precision.Int8);
        Assert.Equal(test.Bytes(), result);
        // Integers 255 and 127 in all terms but one.
        Assert.Equal(depth - 1, result[0], 1e-2f);
        Assert.Equal(1 - depth, result[1], 1e-2f);
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void BFloat16IsTheProductOfRoundedNumbers(InstructionSet set)
    {
        using var force = Isa.Force(set);
        foreach (var (rows, columns, depth) in Sizes)
        {
            for (var form = 0; form < 8; form++)
            {
                var test = new Operands(rows, columns, depth, (form & 1) != 0, (form & 2) != 0, (form & 4) != 0, form);
                var result = test.Multiply(Precision.BFloat16);
                test.ExpectBFloat16(result);
                Assert.Equal(result, test.MultiplyFixed(GroupKind.BFloat16));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void TheBitsDoNotDependOnTheNumberOfThreads(InstructionSet set)
    {
        using var force = Isa.Force(set);
        foreach (var precision in (Precision[])[Precision.Int8, Precision.BFloat16])
        {
            var test = new Operands(45, 260, 401, false, true, false, 1);
            var results = new float[3][];
            for (var threads = 1; threads <= 3; threads++)
            {
                using var restore = new ThreadCount(threads);
                results[threads - 1] = test.Multiply(precision);
            }

            Assert.Equal(results[0], results[1]);
            Assert.Equal(results[0], results[2]);
        }
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void TheEpilogueSeesEveryElementOnce(InstructionSet set)
    {
        using var force = Isa.Force(set);
        foreach (var (rows, columns, depth) in Sizes)
        {
            foreach (var precision in (Precision[])[Precision.Int8, Precision.BFloat16])
            {
                var test = new Operands(rows, columns, depth, false, true, false, 5);
                var bias = Operands.Values(columns, 9);
                var plain = test.Multiply(precision);
                float[] result;
                fixed (float* pointer = bias)
                {
                    var epilogue = new BiasEpilogue<Identity>(pointer);
                    result = test.Run((a, b, c) => Product.Multiply(precision, a, b, c, false, epilogue));
                }

                for (var i = 0; i < result.Length; i++)
                    Assert.Equal(plain[i] + bias[i % columns], result[i]);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void ARowThatIsNoNumberGivesNone(InstructionSet set)
    {
        using var force = Isa.Force(set);
        foreach (var bad in (float[])[float.NaN, float.PositiveInfinity, float.NegativeInfinity])
        {
            foreach (var (precision, place) in (IEnumerable<(Precision, int)>)[(Precision.Int8, 0), (Precision.Int8, 49), (Precision.BFloat16, 49)])
            {
                var test = new Operands(20, 40, 50, false, false, false, 3);
                test.A[(7 * 50) + place] = bad;
                var result = test.Multiply(precision);
                for (var i = 0; i < result.Length; i++)
                    Assert.Equal(i / 40 != 7, float.IsFinite(result[i]));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void ConversionToBFloat16RoundsToNearestEven(InstructionSet set)
    {
        using var force = Isa.Force(set);
        // Every number of the upper half with what decides the rounding in the lower: below, on and above the tie.
        uint[] lower = [0, 1, 0x7FFF, 0x8000, 0x8001, 0xFFFF];
        var numbers = new float[1 << 16];
        var converted = new float[1 << 16];
        foreach (var low in lower)
        {
            for (uint high = 0; high < numbers.Length; high++)
                numbers[high] = BitConverter.UInt32BitsToSingle(high << 16 | low);
            fixed (float* from = numbers, to = converted)
                LaneKernel.Run(new Conversion(from, to, numbers.Length));
            for (uint high = 0; high < numbers.Length; high++)
            {
                var bits = BitConverter.SingleToUInt32Bits(converted[high]);
                if (float.IsNaN(numbers[high]))
                    Assert.True(float.IsNaN(BitConverter.UInt32BitsToSingle(bits << 16)));
                else
                    Assert.Equal(high + (low > 0x8000 || (low == 0x8000 && (high & 1) != 0) ? 1u : 0u), bits);
            }
        }
    }

    [Fact]
    public void SumsThatCouldOverflowAreRefused()
    {
        var b = new float[GroupedProduct.MaxDepthOfBytes + 1];
        fixed (float* pointer = b)
        {
            var matrix = new MatrixView(pointer, b.Length, 1);
            var error = Assert.Throws<ArgumentException>(() => GroupedMatrix.From(GroupKind.Bytes, matrix));
            Assert.Contains($"{b.Length}", error.Message, StringComparison.Ordinal);
        }
    }

    private readonly struct Conversion(float* from, float* to, int count) : ILaneKernel
    {
        public void Run<T>()
            where T : struct, ILanes<T>
        {
            for (var i = 0; i < count; i += T.Width)
                T.Store(to + i, BFloat16Bits.Of(T.Load(from + i)));
        }
    }

    /// <summary>Operands and what their products must be.</summary>
    private sealed class Operands(int rows, int columns, int depth, bool transposeA, bool transposeB, bool accumulate, int seed)
    {
        /// <summary>A [rows, depth], as it lies.</summary>
        public float[] A { get; } = Values(rows * depth, seed);

        /// <summary>B [depth, columns], as it lies.</summary>
        public float[] B { get; } = Values(depth * columns, seed + 1);

        private readonly float[] start = Values(rows * columns, seed + 2);

        public static float[] Values(int count, int seed)
        {
            var random = new Random(seed);
            return [.. Enumerable.Range(0, count).Select(_ => (float)((2 * random.NextDouble()) - 0.8))];
        }

        public float[] Multiply(Precision precision) => Run((a, b, c) => Product.Multiply(precision, a, b, c, accumulate, default(NoEpilogue)));

        public float[] MultiplyFixed(GroupKind kind) => Run((a, b, c) => GroupedMatrix.From(kind, b).Multiply(a, c, accumulate, default(NoEpilogue)));

        public float[] Run(Action<MatrixView, MatrixView, MatrixView> multiply)
        {
            var c = (float[])start.Clone();
            fixed (float* x = A, y = B, z = c)
            {
                var left = transposeA ? new MatrixView(x, depth, rows).Transposed : new MatrixView(x, rows, depth);
                var right = transposeB ? new MatrixView(y, columns, depth).Transposed : new MatrixView(y, depth, columns);
                multiply(left, right, new MatrixView(z, rows, columns));
            }

            return c;
        }

        /// <summary>The definition of a product of bytes, number by number.</summary>
        public float[] Bytes()
        {
            var c = (float[])start.Clone();
            var inputs = Enumerable.Range(0, rows).Select(i => new QuantizedRow([.. Enumerable.Range(0, depth).Select(k => Left(i, k))])).ToArray();
            for (var j = 0; j < columns; j++)
            {
                float[] column = [.. Enumerable.Range(0, depth).Select(k => Right(k, j))];
                var largest = column.Max(MathF.Abs);
                int[] weights = [.. column.Select(x => (int)MathF.Round(x * (127f / largest)))];
                float columnSum = weights.Sum();
                for (var i = 0; i < rows; i++)
                {
                    var sum = 0;
                    for (var k = 0; k < depth; k++)
                        sum += inputs[i].Integers[k] * weights[k];
                    var value = ((sum * inputs[i].Scale) + (columnSum * inputs[i].Least)) * (largest * (1 / 127f));
                    c[(i * columns) + j] = accumulate ? c[(i * columns) + j] + value : value;
                }
            }

            return c;
        }

        public void ExpectBFloat16(float[] result)
        {
            double[][] left = [.. Enumerable.Range(0, rows).Select(i => Enumerable.Range(0, depth).Select(k => Rounded(Left(i, k))).ToArray())];
            for (var j = 0; j < columns; j++)
            {
                double[] right = [.. Enumerable.Range(0, depth).Select(k => Rounded(Right(k, j)))];
                for (var i = 0; i < rows; i++)
                {
                    double sum = accumulate ? start[(i * columns) + j] : 0, size = Math.Abs(sum);
                    for (var k = 0; k < depth; k++)
                    {
                        var term = left[i][k] * right[k];
                        sum += term;
                        size += Math.Abs(term);
                    }

                    Assert.Equal(sum, result[(i * columns) + j], 1e-6 * size);
                }
            }
        }

        private float Left(int row, int term) => transposeA ? A[(term * rows) + row] : A[(row * depth) + term];

        private float Right(int term, int column) => transposeB ? B[(column * depth) + term] : B[(term * columns) + column];

        private static double Rounded(float x)
        {
            var bits = BitConverter.SingleToUInt32Bits(x);
            var low = BitConverter.UInt32BitsToSingle(bits & 0xFFFF0000);
            var high = BitConverter.UInt32BitsToSingle((bits & 0xFFFF0000) + 0x10000);
            double below = Math.Abs(x - (double)low), above = Math.Abs(x - (double)high);
            return below < above || (below == above && (bits & 0x10000) == 0) ? low : high;
        }
    }

    private sealed class QuantizedRow(float[] row)
    {
        public float Least { get; } = row.Min();

        public float Scale { get; } = (row.Max() - row.Min()) / 255f;

        public int[] Integers => field ??= [.. row.Select(x => (int)MathF.Round((x - Least) * (Scale > 0 ? 1 / Scale : 0)))];
    }
}
