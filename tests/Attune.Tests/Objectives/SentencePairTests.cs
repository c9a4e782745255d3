using Attune.Nn.Contracts;
using Attune.Objectives.Pairs;
using Attune.Tensors.Random;
using Xunit;

namespace Attune.Tests.Objectives;

/// <summary>Pairs of sentences made from documents.</summary>
public sealed class SentencePairTests
{
    [Fact]
    public void Pairs_are_in_bounds_and_both_classes_occur()
    {
        var random = new RandomStream(4);
        int[][][] documents = [.. Enumerable.Range(0, 20).Select(d => Enumerable.Range(0, 12)
            .Select(s => Enumerable.Repeat(10 + d, 3 + random.Below(20 * d + s, 8)).ToArray()).ToArray())];
        foreach (PairQuestion question in Enum.GetValues<PairQuestion>())
        {
            Example[] examples = [.. new SentencePairs(new SentencePairBuilder(1, 2), question, length: 32).Of(documents, new RandomStream(8))];
            Assert.True(examples.Length > 50);
            Assert.All(examples, e => Assert.InRange(e.Ids.Length, 5, 32));
            Assert.Contains(examples, e => e.Label == 0);
            Assert.Contains(examples, e => e.Label == 1);
            if (question == PairQuestion.NextSentence)
                Assert.All(examples, e => Assert.Equal(e.Label == 0, SameDocument(e)));
            Assert.Equal(examples.Select(e => e.Ids.ToArray()), new SentencePairs(new SentencePairBuilder(1, 2), question, 32).Of(documents, new RandomStream(8)).Select(e => e.Ids.ToArray()));
        }

        // All tokens of a document are the same here.
        static bool SameDocument(Example e) => e.Ids.ToArray().Where(id => id >= 10).Distinct().Count() == 1;
    }
}
