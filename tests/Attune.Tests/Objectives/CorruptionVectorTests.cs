using System.Text.Json;
using Attune.Nn.Contracts;
using Attune.Objectives;
using Attune.Objectives.Masking;
using Attune.Objectives.Pairs;
using Attune.Objectives.SequenceToSequence;
using Attune.Tensors.Random;
using Attune.Tests.Architecture;
using Xunit;

namespace Attune.Tests.Objectives;

/// <summary>The vectors of sequence-to-sequence objectives, sentence pairs and spans, in which every random choice is written out.</summary>
public sealed class CorruptionVectorTests
{
    [Fact]
    public void Spans_are_corrupted_as_in_T5()
    {
        int cases = 0;
        foreach (JsonElement vector in Document("t5_span_corruption").GetProperty("cases").EnumerateArray())
        {
            var options = new SpanCorruptionOptions(vector.GetProperty("sentinel_first").GetInt32(), vector.GetProperty("eos").GetInt32(), 0);
            int[] tokens = Ints(vector, "tokens");
            bool[] mask = Flags(vector, "noise_mask");
            // Some vectors give the mask, the others say how it comes about.
            if (vector.TryGetProperty("noise_breaks_after_shuffle", out _))
            {
                options = options with
                {
                    Density = vector.GetProperty("noise_density").GetDouble(),
                    MeanLength = vector.GetProperty("mean_noise_span_length").GetDouble(),
                };
                Assert.Equal((vector.GetProperty("noise_tokens").GetInt32(), vector.GetProperty("noise_spans").GetInt32()), options.Count(tokens.Length));
                Assert.Equal(mask, SpanCorruption.Mask(
                    tokens.Length, Flags(vector, "noise_breaks_after_shuffle"), Flags(vector, "nonnoise_breaks_after_shuffle")));
            }
            (int[] source, int[] target) = new SpanCorruption(options).Corrupt(tokens, mask);
            Assert.Equal(Ints(vector, "inputs"), source);
            Assert.Equal(Ints(vector, "targets"), target);
            cases++;
        }
        Assert.Equal(12, cases);
    }

    [Fact]
    public void Texts_are_as_long_as_T5_makes_them()
    {
        foreach (JsonElement vector in Document("t5_span_corruption").GetProperty("lengths").EnumerateArray())
        {
            var options = new SpanCorruptionOptions(100, 1, 0)
            {
                Density = vector.GetProperty("noise_density").GetDouble(),
                MeanLength = vector.GetProperty("mean_noise_span_length").GetDouble(),
            };
            Assert.Equal(
                (vector.GetProperty("tokens_length").GetInt32(), vector.GetProperty("targets_length").GetInt32()),
                options.LengthsFor(vector.GetProperty("inputs_length").GetInt32()));
        }
    }

    [Fact]
    public void Texts_are_filled_in_as_in_BART()
    {
        foreach (JsonElement vector in Document("bart").GetProperty("text_infilling").EnumerateArray())
        {
            var infilling = new TextInfilling(vector.GetProperty("mask_id").GetInt32(), vector.GetProperty("mask_ratio").GetDouble());
            bool[] starts = Flags(vector, "word_start");
            int budget = vector.GetProperty("budget_words").GetInt32();
            Assert.Equal(budget, (int)Math.Ceiling(starts.Count(s => s) * infilling.Share));

            var drawn = new Queue<int>(Ints(vector, "drawn_lengths"));
            List<int> lengths = TextInfilling.Trim(drawn.Dequeue, budget);
            Assert.Equal(Ints(vector, "trimmed_lengths"), lengths);

            NoisyText text = infilling.Fill(new NoisyText(Ints(vector, "tokens"), starts), Ints(vector, "span_starts"), Ints(vector, "span_words"));
            Assert.Equal(Ints(vector, "source"), infilling.Insert(text, Ints(vector, "insert_positions")).Ids);
        }
    }

    [Fact]
    public void Sentences_are_permuted_as_in_BART()
    {
        foreach (JsonElement vector in Document("bart").GetProperty("sentence_permutation").EnumerateArray())
        {
            var permutation = new SentencePermutation(vector.GetProperty("full_stop").GetInt32());
            int[] tokens = Ints(vector, "tokens");
            Assert.Equal(Ints(vector, "sentence_ends"), permutation.Ends(tokens));
            Assert.Equal(Ints(vector, "source"), permutation.Permute(Text(tokens), Ints(vector, "ordering")).Ids);
        }
    }

    [Fact]
    public void Documents_are_rotated_and_tokens_deleted_as_in_BART()
    {
        foreach (JsonElement vector in Document("bart").GetProperty("document_rotation").EnumerateArray())
            Assert.Equal(Ints(vector, "source"), DocumentRotation.Rotate(Text(Ints(vector, "tokens")), vector.GetProperty("offset").GetInt32()).Ids);
        foreach (JsonElement vector in Document("bart").GetProperty("token_deletion").EnumerateArray())
            Assert.Equal(Ints(vector, "source"), TokenDeletion.Delete(Text(Ints(vector, "tokens")), Ints(vector, "deleted")).Ids);
    }

    [Fact]
    public void Sentence_order_examples_are_built_as_in_ALBERT()
    {
        int cases = 0;
        foreach (JsonElement vector in Document("sentence_order").EnumerateArray())
        {
            // Tokens are words here: number them, with 1 and 2 for the special ones.
            Dictionary<string, int> ids = new() { ["[CLS]"] = 1, ["[SEP]"] = 2 };
            int Id(JsonElement word) => ids.TryGetValue(word.GetString()!, out int id) ? id : ids[word.GetString()!] = ids.Count + 1;
            int[][] segments = [.. vector.GetProperty("segments").EnumerateArray().Select(s => s.EnumerateArray().Select(Id).ToArray())];
            var fromFront = new Queue<bool>(Flags(vector, "truncate_from_front"));
            Example example = new SentencePairBuilder(1, 2).SentenceOrder(
                segments, vector.GetProperty("a_end").GetInt32(), vector.GetProperty("swap").GetBoolean(),
                vector.GetProperty("max_num_tokens").GetInt32(), fromFront.Dequeue);
            Assert.Empty(fromFront);
            Assert.Equal(vector.GetProperty("tokens").EnumerateArray().Select(Id), example.Ids.ToArray());
            Assert.Equal(Ints(vector, "segment_ids"), example.TypeIds.ToArray());
            Assert.Equal(vector.GetProperty("sentence_order_label").GetInt32(), example.Label);
            cases++;
        }
        Assert.Equal(8, cases);
    }

    [Fact]
    public void Spans_are_chosen_as_in_SpanBERT()
    {
        JsonElement document = Document("spanbert_masking");
        double[] expected = [.. document.GetProperty("span_words_probabilities").EnumerateArray().Select(p => p.GetDouble())];
        double[] found = SpanMasking.Lengths(0.2, 10);
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 12));
        foreach (JsonElement vector in document.GetProperty("cases").EnumerateArray())
        {
            var draws = new Queue<JsonElement>(vector.GetProperty("draws").EnumerateArray());
            int Next(string kind)
            {
                JsonElement draw = draws.Dequeue();
                Assert.Equal(kind, draw[0].GetString());
                return draw[1].GetInt32();
            }
            bool[] masked = SpanMasking.Spans(
                Flags(vector, "word_start"), vector.GetProperty("mask_ratio").GetDouble(), () => Next("span_words"), () => Next("anchor"));
            Assert.Equal(Ints(vector, "targets").Select(t => t != 0), masked);
            Assert.DoesNotContain(draws, draw => draw[0].GetString() is "span_words" or "anchor");
        }
    }

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

    private static NoisyText Text(int[] tokens) => NoisyText.Of(new Example { Ids = tokens });

    private static JsonElement Document(string name)
    {
        using JsonDocument document = JsonDocument.Parse(
            File.ReadAllBytes(Path.Combine(Repository.Root, "tests", "Goldens", "objectives", name + ".json")));
        return document.RootElement.Clone();
    }

    private static int[] Ints(JsonElement vector, string name) => MaskingVectorTests.Ints(vector, name);

    private static bool[] Flags(JsonElement vector, string name) => [.. vector.GetProperty(name).EnumerateArray()
        .Select(flag => flag.ValueKind == JsonValueKind.Number ? flag.GetInt32() != 0 : flag.GetBoolean())];
}
