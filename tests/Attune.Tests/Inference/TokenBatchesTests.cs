using Attune.Inference;
using Xunit;

namespace Attune.Tests.Inference;

/// <summary>How texts are cut into batches.</summary>
public sealed class TokenBatchesTests
{
    [Fact]
    public void Batches_hold_what_fits_and_one_text_at_least() =>
        Assert.Equal([(0, 2), (2, 1), (3, 1), (4, 3)], TokenBatches.Cut([4, 6, 5, 20, 3, 3, 4], 10));

    [Fact]
    public void No_texts_make_no_batch() => Assert.Empty(TokenBatches.Cut([], 10));
}
