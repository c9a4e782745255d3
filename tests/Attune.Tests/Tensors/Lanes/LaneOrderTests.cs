using Attune.Tensors;
using Attune.Tensors.Lanes;
using Xunit;

namespace Attune.Tests.Tensors.Lanes;

/// <summary>What moves lanes about, with every instruction set of the machine.</summary>
public sealed unsafe class LaneOrderTests
{
    public static TheoryData<InstructionSet> Sets => [.. Isa.Available];

    [Theory]
    [MemberData(nameof(Sets))]
    public void UnzipReturnsEverySecondGroup(InstructionSet set)
    {
        using var force = Isa.Force(set);
        LaneKernel.Run(new Unzipped());
    }

    private readonly struct Unzipped : ILaneKernel
    {
        public void Run<T>()
            where T : struct, ILanes<T>
        {
            var source = stackalloc float[2 * T.Width];
            var even = stackalloc float[T.Width];
            var odd = stackalloc float[T.Width];
            for (var i = 0; i < 2 * T.Width; i++)
                source[i] = i;
            for (var size = 1; size < T.Width; size *= 2)
            {
                T.Store(even, T.Unzip(T.Load(source), T.Load(source + T.Width), size, out var others));
                T.Store(odd, others);
                for (var i = 0; i < T.Width; i++)
                {
                    var first = (2 * (i / size) * size) + (i % size);
                    Assert.Equal(first, even[i]);
                    Assert.Equal(first + size, odd[i]);
                }
            }
        }
    }
}
