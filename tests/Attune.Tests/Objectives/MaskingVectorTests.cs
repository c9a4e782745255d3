using System.Text.Json;
using Attune.Parity.Vectors;
using Attune.Tests.Architecture;
using Xunit;

namespace Attune.Tests.Objectives;

/// <summary>The vectors in which every random choice is written out: exactly the stated tokens are chosen.</summary>
public sealed class MaskingVectorTests
{
    [Theory]
    [InlineData("bert_masking")]
    [InlineData("albert_ngram_masking")]
    public void Tokens_are_chosen_as_by_the_original_program(string name)
    {
        JsonElement[] cases = Cases(name);
        Assert.Equal(8, cases.Length);
        Assert.All(cases, vector => Assert.Null(MaskingVectors.Difference(vector)));
    }

    internal static int[] Ints(JsonElement vector, string name) => [.. vector.GetProperty(name).EnumerateArray().Select(i => i.GetInt32())];

    internal static JsonElement[] Cases(string name)
    {
        using JsonDocument document = JsonDocument.Parse(
            File.ReadAllBytes(Path.Combine(Repository.Root, "tests", "Goldens", "objectives", name + ".json")));
        return [.. document.RootElement.Clone().EnumerateArray()];
    }
}
