using Attune.Parity;
using Attune.Tests.Architecture;
using Xunit;

namespace Attune.Tests.Objectives;

/// <summary>The vectors of objectives, in which every random choice is written out: exactly the stated examples are made.</summary>
public sealed class ObjectiveVectorTests
{
    [Theory]
    [InlineData("objectives", "albert_ngram_masking", 8)]
    [InlineData("objectives", "bart", 32)]
    [InlineData("objectives", "bert_masking", 8)]
    [InlineData("objectives", "sentence_order", 8)]
    [InlineData("objectives", "spanbert_masking", 6)]
    [InlineData("objectives", "t5_span_corruption", 15)]
    [InlineData("ernie_baidu", "masking", 6)]
    public void Examples_are_made_as_by_the_original_program(string family, string name, int vectors)
    {
        string folder = Path.Combine(Repository.Root, "tests", "Goldens", family);
        ParityResult result = Assert.Single(new ParityRunner().Run(folder), r => r.Case.EndsWith($"/{name}.json", StringComparison.Ordinal));
        Assert.Equal("", result.Message);
        Assert.Equal(new ParityLines(vectors, 0), result.Lines);
    }
}
