using Attune.Tensors;
using Attune.Tensors.Lanes;
using Xunit;

namespace Attune.Tests.Tensors.Lanes;

/// <summary>Elementary functions against double precision over the float32 range, with every instruction set of the machine.</summary>
public sealed unsafe class LaneMathTests
{
    public enum Function
    {
        Exp,
        Log,
        Tanh,
        Erf,
        Sigmoid,
    }

    public static TheoryData<Function, InstructionSet> Cases
    {
        get
        {
            var cases = new TheoryData<Function, InstructionSet>();
            foreach (var function in Enum.GetValues<Function>())
            {
                foreach (var set in Isa.Available)
                    cases.Add(function, set);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void ErrorStaysBelowWhatIsStated(Function function, InstructionSet set)
    {
        using var force = Isa.Force(set);
        var x = Arguments(function);
        var y = Apply(function, x);
        for (var i = 0; i < x.Length; i++)
        {
            var exact = Exact(function, x[i]);
            var rounded = (float)exact;
            if (float.IsNaN(rounded) || float.IsInfinity(rounded) || rounded == 0)
            {
                if (!y[i].Equals(rounded))
                    Assert.Fail($"{function}({x[i]:R}) = {y[i]:R}, expected {rounded}");
                continue;
            }

            var error = Math.Abs(y[i] - exact);
            var ulp = MathF.BitIncrement(MathF.Abs(rounded)) - MathF.Abs(rounded);
            var allowed = function switch
            {
                Function.Exp => 2 * ulp,
                Function.Log => 2 * ulp,
                Function.Tanh => Math.Min(3.5e-7, 4e-7 * Math.Abs(exact) + float.Epsilon),
                Function.Erf => 4e-7 * Math.Abs(exact) + float.Epsilon,
                _ => Math.Max(Math.Min(1.5e-7, 3 * ulp), 1.18e-38),
            };
            if (!(error <= allowed))
                Assert.Fail($"{function}({x[i]:R}) = {y[i]:R}, expected {exact:R}: off by {error / ulp:F2} ulp");
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void SpecialValues(Function function, InstructionSet set)
    {
        using var force = Isa.Force(set);
        float[] x = [float.NaN, float.PositiveInfinity, float.NegativeInfinity, 0f, float.MaxValue, float.MinValue, -1e-30f, 1e-30f];
        var y = Apply(function, x);
        for (var i = 0; i < x.Length; i++)
        {
            var exact = Exact(function, x[i]);
            if (double.IsFinite(exact))
                Assert.Equal(exact, y[i], 4e-7 * Math.Max(1, Math.Abs(exact)));
            else
                Assert.Equal((float)exact, y[i]);
        }
    }

    private static float[] Arguments(Function function)
    {
        var x = new List<float>();

        // Every exponent with eight thousand mantissas, both signs: denormals to the largest numbers.
        for (var bits = 1u; bits < 0x7f800000u; bits += 1_021u)
        {
            x.Add(BitConverter.UInt32BitsToSingle(bits));
            x.Add(-BitConverter.UInt32BitsToSingle(bits));
        }

        var (low, high) = function is Function.Log ? (0.4f, 2.5f) : (-110f, 110f);
        for (var i = 0; i <= 100_000; i++)
            x.Add(low + ((high - low) * (i / 100_000f)));
        return [.. x];
    }

    private static double Exact(Function function, double x) => function switch
    {
        Function.Exp => Math.Exp(x),
        Function.Log => Math.Log(x),
        Function.Tanh => Math.Tanh(x),
        Function.Erf => Erf(x),
        _ => 1 / (1 + Math.Exp(-x)),
    };

    /// <summary>Maclaurin series near zero, continued fraction of the complement far from it.</summary>
    private static double Erf(double x)
    {
        var a = Math.Abs(x);
        if (double.IsNaN(x))
            return x;
        if (a > 6)
            return Math.Sign(x);
        if (a < 2.5)
        {
            double term = x, sum = x;
            for (var n = 1; n < 80; n++)
            {
                term *= -x * x / n;
                sum += term / ((2 * n) + 1);
            }

            return sum * 2 / Math.Sqrt(Math.PI);
        }

        var fraction = 0.0;
        for (var n = 60; n >= 1; n--)
            fraction = n / 2.0 / (a + fraction);
        return Math.Sign(x) * (1 - (Math.Exp(-a * a) / Math.Sqrt(Math.PI) / (a + fraction)));
    }

    private static float[] Apply(Function function, float[] x)
    {
        var y = new float[x.Length];
        fixed (float* source = x, target = y)
            LaneKernel.Run(new Map(function, source, target, x.Length));
        return y;
    }

    private readonly struct Map(Function function, float* x, float* y, int length) : ILaneKernel
    {
        public void Run<T>()
            where T : struct, ILanes<T>
        {
            for (var i = 0; i < length; i += T.Width)
            {
                var left = Math.Min(T.Width, length - i);
                var value = T.LoadPartial(x + i, left);
                var result = function switch
                {
                    Function.Exp => LaneMath.Exp(value),
                    Function.Log => LaneMath.Log(value),
                    Function.Tanh => LaneMath.Tanh(value),
                    Function.Erf => LaneMath.Erf(value),
                    _ => LaneMath.Sigmoid(value),
                };
                T.StorePartial(y + i, result, left);
            }
        }
    }
}
