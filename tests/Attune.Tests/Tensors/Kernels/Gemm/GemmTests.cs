using Attune.Tensors;
using Attune.Tensors.Kernels.Gemm;
using Attune.Tensors.Lanes;
using Attune.Tensors.Parallel;
using Attune.Tests.Tensors.Parallel;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Xunit;
using Product = Attune.Tensors.Kernels.Gemm.Gemm;

namespace Attune.Tests.Tensors.Kernels.Gemm;

/// <summary>Products in every form against double precision, with every instruction set of the machine.</summary>
[Collection(nameof(Workers))]
public sealed unsafe class GemmTests
{
    public static TheoryData<InstructionSet> Sets => [.. Isa.Available];

    /// <summary>Sizes that reach every path: single rows, register and tile edges, one and several blocks of each kind.</summary>
    private static readonly (int Rows, int Columns, int Depth)[] Sizes =
    [
        (1, 1, 1), (1, 7, 3), (3, 1, 5), (1, 64, 64), (5, 33, 17), (6, 16, 32), (7, 31, 129), (14, 32, 64), (15, 97, 40), (29, 65, 23),
        (32, 48, 96), (33, 66, 385), (45, 63, 401), (30, 34, 770), (129, 260, 9), (1030, 33, 5), (40, 2060, 3), (15, 40, 509),
        (1, 101, 139), (2, 103, 33), (3, 50, 67), (4, 61, 97), (8, 55, 48), (12, 49, 70), (27, 52, 66), (59, 47, 65),
    ];

    [Theory]
    [MemberData(nameof(Sets))]
    public void EveryFormAgreesWithDoublePrecision(InstructionSet set)
    {
        using var force = Isa.Force(set);
        foreach (var (rows, columns, depth) in Sizes)
        {
            for (var form = 0; form < 8; form++)
                new Case(rows, columns, depth, (form & 1) != 0, (form & 2) != 0, (form & 4) != 0, Seed: form).Check();
        }
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void PackedOperandsAgreeWithDoublePrecision(InstructionSet set)
    {
        using var force = Isa.Force(set);
        foreach (var (rows, columns, depth) in Sizes)
        {
            new Case(rows, columns, depth, false, true, false, Seed: 1).CheckPacked();
            new Case(rows, columns, depth, true, false, true, Seed: 2).CheckPacked();
        }
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void SmallProductsAgreeWithDoublePrecision(InstructionSet set)
    {
        using var force = Isa.Force(set);
        foreach (var (rows, columns, depth) in Sizes)
        {
            for (var form = 0; form < 8; form++)
                new Case(rows, columns, depth, (form & 1) != 0, (form & 2) != 0, (form & 4) != 0, Seed: form).CheckSmall();
        }
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void TheEpilogueSeesEveryElementOnce(InstructionSet set)
    {
        using var force = Isa.Force(set);
        foreach (var (rows, columns, depth) in Sizes)
        {
            new Case(rows, columns, depth, false, true, false, Seed: 3).CheckEpilogue();
            new Case(rows, columns, depth, true, false, true, Seed: 4).CheckEpilogue();
        }
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void TheBitsDoNotDependOnTheNumberOfThreads(InstructionSet set)
    {
        using var force = Isa.Force(set);
        foreach (var (rows, columns, depth) in Sizes.Append((260, 300, 1100)))
        {
            for (var form = 0; form < 4; form++)
            {
                var test = new Case(rows, columns, depth, (form & 1) != 0, (form & 2) != 0, false, Seed: form);
                var results = new float[3][];
                for (var threads = 1; threads <= 3; threads++)
                {
                    using var restore = new ThreadCount(threads);
                    results[threads - 1] = test.Multiply();
                }

                Assert.Equal(results[0], results[1]);
                Assert.Equal(results[0], results[2]);
            }
        }
    }

    /// <summary>What decoding gives for a text must not depend on how many others are decoded with it.</summary>
    [Theory]
    [MemberData(nameof(Sets))]
    public void FewRowsOfAPackedOperandHaveTheBitsThatTheyHaveAmongMany(InstructionSet set)
    {
        using var force = Isa.Force(set);
        const int Depth = 2200, Columns = 1111, Many = 20;
        var (a, b) = (Case.Values(Many * Depth, 1), Case.Values(Depth * Columns, 2));
        fixed (float* x = a, y = b)
        {
            var packed = PackedMatrix.From(new MatrixView(y, Depth, Columns));
            var all = Multiply(x, Many, packed);
            foreach (var rows in new[] { 1, 2, 6, 7 })
                Assert.Equal(all[..(rows * Columns)], Multiply(x, rows, packed));
        }

        static float[] Multiply(float* a, int rows, PackedMatrix b)
        {
            var c = new float[rows * b.Columns];
            fixed (float* z = c)
                Product.Multiply(new MatrixView(a, rows, b.Depth), b, new MatrixView(z, rows, b.Columns), false, default(NoEpilogue));
            return c;
        }
    }

    /// <summary>Sizes with several packed blocks of B, of A, of rows that lie a power of two apart, of terms, and a B that is streamed from memory.</summary>
    [Theory]
    [MemberData(nameof(Sets))]
    public void ManyBlocksAgreeWithDoublePrecision(InstructionSet set)
    {
        using var force = Isa.Force(set);
        new Case(2, 4210, 1000, true, true, false, Seed: 1).Check();
        new Case(530, 66, 1000, true, false, true, Seed: 2).Check();
        new Case(530, 65, 1021, false, true, false, Seed: 3).Check();
        new Case(70, 35, 2300, false, true, true, Seed: 4).Check();
        new Case(9, 2055, 2050, false, false, false, Seed: 5).Check();
        new Case(2, 2055, 2050, true, false, true, Seed: 6).Check();
        new Case(1, 2055, 2050, false, true, true, Seed: 7).Check();
    }

    [Property(MaxTest = 60)]
    public Property AnySizeAgreesWithDoublePrecision() => Prop.ForAll(
        Arb.From(
            from rows in Gen.Choose(1, 90)
            from columns in Gen.Choose(1, 90)
            from depth in Gen.Choose(1, 90)
            from form in Gen.Choose(0, 7)
            from set in Gen.Elements<InstructionSet>(Isa.Available)
            select (new Case(rows, columns, depth, (form & 1) != 0, (form & 2) != 0, (form & 4) != 0, rows), set)),
        input =>
        {
            using var force = Isa.Force(input.set);
            input.Item1.Check();
        });

    [Fact]
    public void NoTermsGiveZeroOrLeaveTheSum()
    {
        float* none = stackalloc float[1];
        float* c = stackalloc float[6];
        new Span<float>(c, 6).Fill(3);
        Product.Multiply(new MatrixView(none, 2, 0), new MatrixView(none, 0, 3), new MatrixView(c, 2, 3), accumulate: true);
        Assert.All(new Span<float>(c, 6).ToArray(), value => Assert.Equal(3f, value));
        Product.Multiply(new MatrixView(none, 2, 0), new MatrixView(none, 0, 3), new MatrixView(c, 2, 3));
        Assert.All(new Span<float>(c, 6).ToArray(), value => Assert.Equal(0f, value));
    }

    [Fact]
    public void ShapesThatDoNotFitAreRefused()
    {
        float* data = stackalloc float[64];
        var error = Assert.Throws<ArgumentException>(
            () => Product.Multiply(new MatrixView(data, 2, 3), new MatrixView(data, 4, 5), new MatrixView(data, 2, 5)));
        Assert.Contains("[2, 3]", error.Message, StringComparison.Ordinal);
        Assert.Contains("[4, 5]", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(
            () => Product.Multiply(new MatrixView(data, 2, 3), new MatrixView(data, 3, 4), new MatrixView(data, 4, 2).Transposed));
    }

    [Fact]
    public void NaNAndInfinityReachTheResult()
    {
        foreach (var bad in (float[])[float.NaN, float.PositiveInfinity])
        {
            var a = new float[40 * 50];
            var b = new float[50 * 60];
            var c = new float[40 * 60];
            Array.Fill(b, 1);
            a[(7 * 50) + 49] = bad;
            fixed (float* x = a, y = b, z = c)
                Product.Multiply(new MatrixView(x, 40, 50), new MatrixView(y, 50, 60), new MatrixView(z, 40, 60));
            for (var i = 0; i < c.Length; i++)
                Assert.Equal(i / 60 == 7 ? bad : 0f, c[i]);
        }
    }

    /// <summary>A product with operands inside larger matrices, whose surroundings must be neither read into C nor written.</summary>
    private sealed record Case(int Rows, int Columns, int Depth, bool TransposeA, bool TransposeB, bool Accumulate, int Seed)
    {
        private const int Gap = 3;
        private const float Guard = 12345f;

        public void Check() => Run((a, b, c) => Product.Multiply(a, b, c, Accumulate));

        public void CheckPacked() =>
            Run((a, b, c) => Product.Multiply(a, PackedMatrix.From(b), c, Accumulate, default(NoEpilogue)));

        public void CheckSmall() => Run((a, b, c) => LaneKernel.Run(new Small(a, b, c, Accumulate)));

        public void CheckEpilogue()
        {
            var bias = Values(Columns, Seed + 7);
            var before = new float[Rows * Columns];
            float[] result = [];
            fixed (float* biasPointer = bias, beforePointer = before)
            {
                var epilogue = new BiasEpilogue<Square>(biasPointer, beforePointer, Columns);
                result = Run((a, b, c) => Product.Multiply(a, b, c, Accumulate, epilogue), (sum, column) => Math.Pow(sum + bias[column], 2));
            }

            for (var i = 0; i < before.Length; i++)
                Assert.Equal(result[(i / Columns * (Columns + Gap)) + (i % Columns)], before[i] * before[i]);
        }

        public float[] Multiply()
        {
            float[] result = [];
            RunAlone((a, b, c) => Product.Multiply(a, b, c, Accumulate), (_, _, _, c) => result = c);
            return result;
        }

        private float[] Run(Action<MatrixView, MatrixView, MatrixView> multiply, Func<double, int, double>? finish = null)
        {
            float[] result = [];
            RunAlone(multiply, (left, right, start, c) =>
            {
                Compare(left, right, start, c, finish);
                result = c;
            });
            return result;
        }

        private void RunAlone(Action<MatrixView, MatrixView, MatrixView> multiply, Action<MatrixView, MatrixView, float[], float[]> then)
        {
            var (aRows, aColumns) = TransposeA ? (Depth, Rows) : (Rows, Depth);
            var (bRows, bColumns) = TransposeB ? (Columns, Depth) : (Depth, Columns);
            var a = Values(aRows * (aColumns + Gap), Seed);
            var b = Values(bRows * (bColumns + Gap), Seed + 1);
            var c = Values(Rows * (Columns + Gap), Seed + 2);
            for (var i = 0; i < c.Length; i++)
            {
                if (i % (Columns + Gap) >= Columns)
                    c[i] = Guard;
            }

            var start = (float[])c.Clone();
            fixed (float* x = a, y = b, z = c)
            {
                var left = new MatrixView(x, aRows, aColumns, aColumns + Gap);
                var right = new MatrixView(y, bRows, bColumns, bColumns + Gap);
                left = TransposeA ? left.Transposed : left;
                right = TransposeB ? right.Transposed : right;
                multiply(left, right, new MatrixView(z, Rows, Columns, Columns + Gap));
                then(left, right, start, c);
            }
        }

        private void Compare(MatrixView a, MatrixView b, float[] start, float[] c, Func<double, int, double>? finish)
        {
            var column = new double[Depth];
            for (var j = 0; j < Columns; j++)
            {
                for (var k = 0; k < Depth; k++)
                    column[k] = *b.At(k, j);
                for (var i = 0; i < Rows; i++)
                {
                    var step = TransposeA ? a.Stride : 1;
                    var x = a.At(i, 0);
                    double sum = Accumulate ? start[(i * (Columns + Gap)) + j] : 0, size = Math.Abs(sum);
                    for (var k = 0; k < Depth; k++, x += step)
                    {
                        var term = *x * column[k];
                        sum += term;
                        size += Math.Abs(term);
                    }

                    var expected = finish is null ? sum : finish(sum, j);
                    var allowed = 1e-6 * (size + Math.Abs(expected) + (finish is null ? 0 : 4 * (size + 1) * (size + 1)));
                    var actual = c[(i * (Columns + Gap)) + j];
                    if (!(Math.Abs(actual - expected) <= allowed))
                        Assert.Fail($"{this} under {Isa.Current}: C[{i}, {j}] = {actual}, expected {expected}");
                }
            }

            for (var i = 0; i < c.Length; i++)
            {
                if (i % (Columns + Gap) >= Columns && c[i] != Guard)
                    Assert.Fail($"{this} under {Isa.Current}: wrote beyond C, at {i}");
            }
        }

        public static float[] Values(int count, int seed)
        {
            var random = new Random(seed);
            var values = new float[count];
            for (var i = 0; i < count; i++)
                values[i] = (random.NextSingle() * 2) - 1;
            return values;
        }
    }

    private readonly struct Small(MatrixView a, MatrixView b, MatrixView c, bool accumulate) : ILaneKernel
    {
        public void Run<T>()
            where T : struct, ILanes<T>
            => Product.MultiplySmall<T>(a, b, c, accumulate);
    }

    private readonly struct Square : ILaneFunction
    {
        public static T Apply<T>(T x)
            where T : struct, ILanes<T>
            => x * x;
    }
}
