using System.Runtime.CompilerServices;
using Attune.Tensors;
using Xunit;

namespace Attune.Tests.Tensors;

public sealed class FloatingPointTests
{
    [Fact]
    public void DenormalsAreFlushedWithinTheScopeOnly()
    {
        Assert.True(Half(2e-38f) > 0);
        using (FloatingPoint.FlushDenormals())
        {
            Assert.Equal(FloatingPoint.CanFlushDenormals, Half(2e-38f) == 0);
            using (FloatingPoint.FlushDenormals())
                Assert.Equal(FloatingPoint.CanFlushDenormals, Half(2e-38f) == 0);
            Assert.Equal(FloatingPoint.CanFlushDenormals, Half(2e-38f) == 0);
        }

        Assert.True(Half(2e-38f) > 0);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static float Half(float value) => value * 0.25f;
}
