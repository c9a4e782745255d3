using Attune.Tensors;
using Attune.Tensors.Autograd;
using Xunit;

namespace Attune.Tests.Tensors.Ops;

/// <summary>Element-by-element references in double precision, and the comparison with them.</summary>
internal static class Naive
{
    /// <summary>The flat index of an element of a tensor of shape <paramref name="from"/> that is repeated to a larger shape.</summary>
    public static long Broadcast(Shape from, ReadOnlySpan<int> position)
    {
        long flat = 0;
        for (int axis = 0; axis < from.Rank; axis++)
        {
            int extent = from[axis];
            flat = flat * extent + (extent == 1 ? 0 : position[position.Length - from.Rank + axis]);
        }
        return flat;
    }

    /// <summary>Visits all positions of a shape in row-major order.</summary>
    public static IEnumerable<int[]> Positions(Shape shape)
    {
        for (long flat = 0; flat < shape.Count; flat++)
        {
            int[] position = new int[shape.Rank];
            long rest = flat;
            for (int axis = shape.Rank - 1; axis >= 0; axis--)
            {
                position[axis] = (int)(rest % shape[axis]);
                rest /= shape[axis];
            }
            yield return position;
        }
    }

    /// <summary>On every instruction set, the operation's result must have the shape and, nearly, the elements that are given.</summary>
    public static void Expect(Shape shape, IEnumerable<double> expected, Func<Tape, Tensor> operation, double tolerance = 1e-5)
    {
        double[] wanted = [.. expected];
        var tape = new Tape();
        foreach (InstructionSet set in Isa.Available)
        {
            using (Isa.Force(set))
            {
                tape.Begin(recording: false);
                Tensor output = operation(tape);
                Assert.Equal(shape, output.Shape);
                float[] found = output.ToArray();
                Assert.Equal(wanted.Length, found.Length);
                for (int i = 0; i < wanted.Length; i++)
                {
                    bool same = double.IsFinite(wanted[i])
                        ? Math.Abs(found[i] - wanted[i]) <= tolerance * Math.Max(1, Math.Abs(wanted[i]))
                        : found[i].Equals((float)wanted[i]);
                    Assert.True(same, $"{set}: element {i} of {shape} is {found[i]}, expected {wanted[i]}.");
                }
            }
        }
    }
}
