using Attune.Nn.Contracts;
using Attune.Objectives.Randomness;
using Attune.Tensors.Random;

namespace Attune.Objectives.Pairs;

/// <summary>What a pair of sequences teaches.</summary>
public enum PairQuestion
{
    /// <summary>Does the second follow the first (class 0), or is it from another document (class 1)? BERT.</summary>
    NextSentence,

    /// <summary>Are they in order (class 0) or swapped (class 1)? ALBERT.</summary>
    SentenceOrder,
}

/// <summary>Makes pairs of sequences from documents that are cut into sentences.</summary>
/// <param name="builder">The special tokens.</param>
/// <param name="question">What the pairs teach.</param>
/// <param name="length">The most tokens of an example, special ones counted.</param>
/// <param name="shortShare">The share of examples that are made shorter at random, so that short inputs are seen in training.</param>
public sealed class SentencePairs(SentencePairBuilder builder, PairQuestion question, int length, double shortShare = 0.1)
{
    /// <summary>Makes the pairs of one pass over the documents.</summary>
    /// <param name="documents">The documents: each a list of sentences, each the ids of its tokens.</param>
    /// <param name="random">The randomness of this pass.</param>
    public IEnumerable<Example> Of(IReadOnlyList<IReadOnlyList<int[]>> documents, RandomStream random)
    {
        for (int d = 0; d < documents.Count; d++)
        {
            var draws = new Draws(random.Stream((uint)d));
            foreach (Example example in OfDocument(documents, d, draws))
                yield return example;
        }
    }

    private IEnumerable<Example> OfDocument(IReadOnlyList<IReadOnlyList<int[]>> documents, int document, Draws draws)
    {
        IReadOnlyList<int[]> sentences = documents[document];
        int most = length - SentencePairBuilder.SpecialTokens, target = Target(most, draws), tokens = 0;
        List<int[]> chunk = [];
        for (int i = 0; i < sentences.Count; i++)
        {
            chunk.Add(sentences[i]);
            tokens += sentences[i].Length;
            if (i < sentences.Count - 1 && tokens < target)
                continue;
            Example? example = Pair(documents, document, chunk, target, most, draws, out int unused);
            if (example is not null)
                yield return example;
            // What was left off for a sentence of another document is used in the next example.
            i -= unused;
            chunk.Clear();
            tokens = 0;
            target = Target(most, draws);
        }
    }

    private Example? Pair(
        IReadOnlyList<IReadOnlyList<int[]>> documents, int document, List<int[]> chunk, int target, int most, Draws draws, out int unused)
    {
        unused = 0;
        bool FromFront() => draws.Uniform() < 0.5;
        int firstEnd = chunk.Count >= 2 ? 1 + draws.Below(chunk.Count - 1) : 1;
        if (question == PairQuestion.SentenceOrder && chunk.Count >= 2)
            return builder.SentenceOrder(chunk, firstEnd, draws.Uniform() < 0.5, most, FromFront);

        List<int> first = [.. chunk.Take(firstEnd).SelectMany(s => s)], second = [];
        bool strange = chunk.Count == 1 || draws.Uniform() < 0.5;
        if (strange && documents.Count < 2)
            return null;
        if (strange)
        {
            IReadOnlyList<int[]> other = documents[Other(documents.Count, document, draws)];
            for (int i = draws.Below(Math.Max(other.Count, 1)); i < other.Count && second.Count < target - first.Count; i++)
                second.AddRange(other[i]);
            unused = chunk.Count - firstEnd;
        }
        else
        {
            second.AddRange(chunk.Skip(firstEnd).SelectMany(s => s));
        }
        if (first.Count == 0 || second.Count == 0)
            return null;
        SentencePairBuilder.Truncate(first, second, most, FromFront);
        return builder.Build([.. first], [.. second], strange ? 1 : 0);
    }

    private int Target(int most, Draws draws) => draws.Uniform() < shortShare ? 2 + draws.Below(most - 1) : most;

    private static int Other(int documents, int document, Draws draws)
    {
        int other = draws.Below(documents - 1);
        return other < document ? other : other + 1;
    }
}
