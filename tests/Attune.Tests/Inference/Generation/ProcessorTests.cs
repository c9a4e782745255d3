using Attune.Inference.Generation;
using Xunit;

namespace Attune.Tests.Inference.Generation;

/// <summary>Processors that no golden case has, on scores small enough to check by hand.</summary>
public sealed class ProcessorTests
{
    private const float No = float.NegativeInfinity;

    [Fact]
    public void Runs_are_forbidden_where_their_beginning_stands()
    {
        SequenceBias bad = SequenceBias.Forbidding([[3], [0], [1, 2], [2, 1, 4]], [0]);
        // Token 0 ends texts and cannot be forbidden; the longest run is longer than the text.
        Assert.Equal([1, 1, No, No, 1], Apply(bad, [1, 1, 1, 1, 1], [2, 1]));
        Assert.Equal([1, 1, No, No, No], Apply(bad, [1, 1, 1, 1, 1], [0, 2, 1]));
        Assert.Equal([1, 3.5f], Apply(new SequenceBias([new BiasedSequence([0, 1], 2.5f)]), [1, 1], [1, 0]));
    }

    [Fact]
    public void Runs_of_the_prompt_are_forbidden()
    {
        var processor = new NoPromptNgram(3, [5, 1, 2, 3, 1, 2, 4]);
        Assert.Equal([0, 0, 0, No, No], Apply(processor, [0, 0, 0, 0, 0], [9, 1, 2]));
        Assert.Equal([0, 0, 0, 0, 0], Apply(processor, [0, 0, 0, 0, 0], [2]));
        Assert.Equal([No, 0], Apply(new NoPromptNgram(1, [0]), [0, 0], [1]));
    }

    [Fact]
    public void Tokens_are_kept_up_to_a_share_of_the_entropy()
    {
        // Probabilities 1/2, 1/4, 1/8, 1/8: their parts of the entropy of 7/4 bits are 2/7, 2/7, 3/14, 3/14.
        float[] logits = [-3, -1, -3, -2];
        float[] scaled = [.. logits.Select(logit => logit * MathF.Log(2))];
        Assert.Equal([No, scaled[1], No, No], Apply(new TopH(0.1f), [.. scaled], []));
        Assert.Equal([No, scaled[1], No, scaled[3]], Apply(new TopH(0.6f), [.. scaled], []));
        Assert.Equal([scaled[0], scaled[1], No, scaled[3]], Apply(new TopH(0.8f), [.. scaled], []));
    }

    [Fact]
    public void Tokens_are_forced_or_removed_at_one_place()
    {
        Assert.Equal([No, 0, No], Apply(new ForcedTokens(1, [1]), [5, 6, 7], [2]));
        Assert.Equal([5, 6, 7], Apply(new ForcedTokens(1, [1]), [5, 6, 7], [2, 2]));
        Assert.Equal([No, 6, 7], Apply(new SuppressedTokens([0, 99], 1), [5, 6, 7], [2]));
        Assert.Equal([5, 6, 7], Apply(new SuppressedTokens([0], 2), [5, 6, 7], [2]));
        Assert.Equal([No, 6, No], Apply(new SuppressedTokens([0, 2]), [5, 6, 7], []));
    }

    [Fact]
    public void The_end_becomes_likelier_with_the_length()
    {
        var decay = new LengthDecayProcessor(new LengthDecay(2, 2), Begun: 1, [0]);
        Assert.Equal([-4, 1], Apply(decay, [-4, 1], [7, 7, 7]));
        Assert.Equal([0, 1], Apply(decay, [-4, 1], [7, 7, 7, 7]));
        Assert.Equal([8, 1], Apply(decay, [-4, 1], [7, 7, 7, 7, 7]));
    }

    [Fact]
    public void Tokens_of_the_prompt_are_rewarded() =>
        Assert.Equal([4, -1, 3], Apply(new PromptReward(2, [0, 1, 1]), [2, -2, 3], [2]));

    [Fact]
    public void Cutoffs_keep_the_likeliest()
    {
        float[] logits = [.. new[] { 0.6, 0.3, 0.07, 0.03 }.Select(p => (float)Math.Log(p))];
        Assert.Equal([logits[0], logits[1], logits[2], No], Apply(new EpsilonCutoff(0.05f), logits, []));
        Assert.Equal([logits[0], logits[1], No, No], Apply(new EpsilonCutoff(0.9f, Least: 2), logits, []));
        // The entropy is 0.959 nats: the root of 0.04 times e to minus that is 0.0767, so that 0.04 is the smaller one.
        Assert.Equal([logits[0], logits[1], logits[2], No], Apply(new EtaCutoff(0.04f), logits, []));
        // Of 0.2 it is 0.171, which is smaller.
        Assert.Equal([logits[0], logits[1], No, No], Apply(new EtaCutoff(0.2f), logits, []));
        Assert.Equal([logits[0], logits[1], No, No], Apply(new MinP(1, Least: 2), logits, []));
        Assert.Equal([logits[0], logits[1], logits[2], No], Apply(new TopP(0.1f, Least: 3), logits, []));
    }

    [Fact]
    public void Scores_become_logarithms_of_probabilities_again()
    {
        float[] found = Apply(new Renormalization(), [1, No, 1], []);
        Assert.Equal([-0.6931472f, No, -0.6931472f], found);
        Assert.Equal([No, No], Apply(new Renormalization(), [No, No], []));
    }

    [Fact]
    public void Processors_come_in_the_order_of_the_reference()
    {
        var options = new GenerationOptions
        {
            Renormalize = true,
            Sample = true,
            Temperature = 2,
            TopK = 1,
            TopP = 0.5f,
            MinP = 0.1f,
            TypicalP = 0.5f,
            EpsilonCutoff = 0.1f,
            EtaCutoff = 0.1f,
            RepetitionPenalty = 2,
            EncoderRepetitionPenalty = 2,
            NoRepeatNgram = 2,
            EncoderNoRepeatNgram = 3,
            BadWords = [[1]],
            MinLength = 2,
            MinNewTokens = 3,
            ForcedFirstId = 4,
            ForcedLastIds = [5],
            LengthDecay = new LengthDecay(1, 2),
            SuppressedIds = [1],
            SuppressedFirstIds = [2],
            SequenceBiases = [new BiasedSequence([1], 1)],
            Beams = 2,
        };
        Assert.Equal(
            [
                nameof(SequenceBias), nameof(PromptReward), nameof(RepetitionPenalty), nameof(NoRepeatNgram), nameof(NoPromptNgram), nameof(SequenceBias),
                nameof(MinLength), nameof(MinLength), nameof(ForcedTokens), nameof(ForcedTokens), nameof(LengthDecayProcessor), nameof(SuppressedTokens),
                nameof(SuppressedTokens), nameof(Temperature), nameof(TopK), nameof(TopP), nameof(MinP), nameof(TypicalP), nameof(EpsilonCutoff),
                nameof(EtaCutoff), nameof(Renormalization),
            ],
            ProcessorList.Of(options, new ProcessorContext([0], [3, 4], 1, 10)).Select(processor => processor.GetType().Name));
    }

    private static float[] Apply(ILogitsProcessor processor, float[] logits, int[] ids)
    {
        float[] changed = [.. logits];
        processor.Apply(changed, ids);
        return changed;
    }
}
