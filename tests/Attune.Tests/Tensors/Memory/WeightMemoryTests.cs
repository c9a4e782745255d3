using Attune.Tensors.Memory;
using Xunit;

namespace Attune.Tests.Tensors.Memory;

/// <summary>Blocks for packed weights.</summary>
public sealed unsafe class WeightMemoryTests
{
    [Fact]
    public void BlocksTakenAtTheSameTimeAreAlignedAndApart()
    {
        long[] sizes = [1, 16, 17, 4095, 1 << 16, (8 << 20) + 3];
        var blocks = new WeightBlock[4 * sizes.Length];
        System.Threading.Tasks.Parallel.For(0, blocks.Length, i => blocks[i] = WeightMemory.Take(sizes[i % sizes.Length]));

        long end = 0;
        foreach (WeightBlock block in blocks.OrderBy(block => (nint)block.Pointer))
        {
            Assert.Equal(0, (nint)block.Pointer % NativeBuffer.Alignment);
            Assert.True((nint)block.Pointer >= end);
            end = (nint)(block.Pointer + block.Count);
            // Within what it was carved from, which it keeps alive.
            Assert.InRange((nint)block.Pointer, (nint)block.Chunk.Pointer, (nint)(block.Chunk.Pointer + block.Chunk.Count - block.Count));
        }
        GC.KeepAlive(blocks);
    }
}
