using Attune.Nn.Contracts;
using Attune.Objectives;
using Attune.Objectives.Masking;
using Attune.Tensors.Random;
using Xunit;

namespace Attune.Tests.Objectives;

public sealed class MaskedLmTests
{
    private const int Vocabulary = 1000;
    private const int MaskId = 4;

    public static TheoryData<IMaskingStrategy> Strategies =>
        [new IndependentMasking(), new IndependentMasking(WholeUnits: true), new CountedMasking(), new CountedMasking(WholeWords: true), new NGramMasking(), new SpanMasking()];

    [Theory]
    [MemberData(nameof(Strategies))]
    public void Labels_are_the_hidden_tokens_and_special_tokens_are_never_touched(IMaskingStrategy strategy)
    {
        Example[] examples = Examples(40);
        LabelledTokenBatch batch = Collate(new MaskedLm(strategy, new TokenCorruption(MaskId, Vocabulary)), examples);
        int[] original = [.. examples.SelectMany(e => e.Ids.ToArray())];
        bool[] special = [.. examples.SelectMany(e => e.Special.ToArray())];
        int labels = 0;
        for (int row = 0; row < original.Length; row++)
        {
            int label = batch.Labels.Span[row], id = batch.Input.Ids.Span[row];
            Assert.True(label == Labels.Ignore ? id == original[row] : label == original[row] && !special[row]);
            labels += label == Labels.Ignore ? 0 : 1;
        }
        Assert.Equal(labels, batch.Weight);
        double share = labels / (double)original.Length;
        Assert.InRange(share, 0.10, 0.17);
    }

    [Fact]
    public void Most_chosen_tokens_become_masks_a_tenth_random_a_tenth_stays()
    {
        Example[] examples = Examples(400);
        LabelledTokenBatch batch = Collate(new MaskedLm(new IndependentMasking(0.5), new TokenCorruption(MaskId, Vocabulary)), examples);
        int masked = 0, same = 0, chosen = 0;
        for (int row = 0; row < batch.Input.Rows; row++)
        {
            int label = batch.Labels.Span[row], id = batch.Input.Ids.Span[row];
            if (label == Labels.Ignore)
                continue;
            chosen++;
            masked += id == MaskId ? 1 : 0;
            same += id == label ? 1 : 0;
        }
        Assert.InRange(masked / (double)chosen, 0.77, 0.83);
        Assert.InRange(same / (double)chosen, 0.08, 0.12);
    }

    [Fact]
    public void A_mask_does_not_depend_on_how_the_batch_was_split()
    {
        Example[] examples = Examples(8);
        var objective = new MaskedLm(new NGramMasking(), new TokenCorruption(MaskId, Vocabulary));
        RandomStream random = new RandomStream(3).At(5);
        var whole = (LabelledTokenBatch)objective.Collate(examples, random);
        var first = (LabelledTokenBatch)objective.Collate(examples[..3], random);
        var rest = (LabelledTokenBatch)objective.Collate(examples[3..], random, firstIndex: 3);
        Assert.Equal(whole.Input.Ids.ToArray(), (int[])[.. first.Input.Ids.ToArray(), .. rest.Input.Ids.ToArray()]);
        Assert.Equal(whole.Labels.ToArray(), (int[])[.. first.Labels.ToArray(), .. rest.Labels.ToArray()]);
    }

    [Fact]
    public void Dynamic_masks_change_from_step_to_step_and_static_ones_come_from_a_few()
    {
        Example[] examples = Examples(1);
        var corruption = new TokenCorruption(MaskId, Vocabulary);
        Assert.Equal(30, Distinct(new MaskedLm(new CountedMasking(), corruption)));
        Assert.Equal(2, Distinct(new MaskedLm(new CountedMasking(), corruption) { StaticMasks = 2 }));

        int Distinct(MaskedLm objective) => Enumerable.Range(0, 30)
            .Select(step => string.Join(' ', ((LabelledTokenBatch)objective.Collate(examples, new RandomStream(1).At(step))).Input.Ids.ToArray()))
            .Distinct().Count();
    }

    [Fact]
    public void Whole_words_need_to_be_known()
    {
        var objective = new MaskedLm(new CountedMasking(WholeWords: true), new TokenCorruption(MaskId, Vocabulary));
        Assert.Throws<ArgumentException>(() => objective.Collate([new Example { Ids = new[] { 1, 2 } }], default));
    }

    [Fact]
    public void Causal_labels_are_the_next_tokens_within_each_sequence()
    {
        var batch = (LabelledTokenBatch)new CausalLm().Collate(
            [new Example { Ids = new[] { 1, 2, 3 } }, new Example { Ids = new[] { 7, 8 } }], default);
        Assert.Equal([1, 2, 7], batch.Input.Ids.ToArray());
        Assert.Equal([2, 3, 8], batch.Labels.ToArray());
        Assert.Equal(2, batch.Input.Segments.Count);
        Assert.Equal(3, batch.Weight);
        Assert.Throws<ArgumentException>(() => new CausalLm().Collate([new Example { Ids = new[] { 1 } }], default));
    }

    private static LabelledTokenBatch Collate(MaskedLm objective, Example[] examples) =>
        (LabelledTokenBatch)objective.Collate(examples, new RandomStream(9).Stream("test"));

    /// <summary>[CLS] and [SEP] around words of one to three pieces, long enough for rounding to matter little.</summary>
    private static Example[] Examples(int count)
    {
        var random = new RandomStream(21);
        return [.. Enumerable.Range(0, count).Select(e =>
        {
            List<int> ids = [2], words = [-1];
            for (int word = 0; word < 30; word++)
            {
                for (int piece = 0; piece <= random.Below(1000 * e + word, 3); piece++)
                {
                    ids.Add(10 + random.Below(1000 * e + 10 * word + piece + 500, Vocabulary - 10));
                    words.Add(word);
                }
            }
            return new Example
            {
                Ids = ids.Append(3).ToArray(),
                Words = words.Append(-1).ToArray(),
                Special = ids.Append(3).Select(id => id < 10).ToArray(),
            };
        })];
    }
}
