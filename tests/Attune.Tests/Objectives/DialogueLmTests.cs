using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Objectives;
using Attune.Objectives.Masking;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Random;
using Attune.Tests.Training;
using Xunit;

namespace Attune.Tests.Objectives;

/// <summary>Dialogues: turns, speakers and fakes.</summary>
public sealed class DialogueLmTests
{
    private static readonly Example First = Dialogue(2, 10, 11, 3, 12, 13, 14, 3, 15, 3), Second = Dialogue(2, 20, 3, 21, 22, 23, 24, 3);

    [Fact]
    public void Turns_stand_between_special_tokens() => Assert.Equal([(1, 3), (4, 7), (8, 9)], DialogueLm.TurnsOf(First));

    [Fact]
    public void A_real_dialogue_keeps_its_tokens_and_gets_speakers()
    {
        TokenBatch input = Collate(fakeShare: 0, seed: 1);
        Assert.Equal([.. First.Ids.ToArray(), .. Second.Ids.ToArray()], input.Ids.ToArray());
        Assert.Equal([0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1], input.TypeIds!.Value.ToArray());
    }

    [Fact]
    public void A_fake_has_one_turn_of_the_other_dialogue_and_is_no_longer_than_the_longest()
    {
        for (ulong seed = 0; seed < 20; seed++)
        {
            TokenBatch input = Collate(fakeShare: 1, seed);
            for (int s = 0; s < 2; s++)
            {
                int[] ids = input.Ids.Slice(input.Segments.Start(s), input.Segments.Length(s)).ToArray();
                int[] own = (s == 0 ? First : Second).Ids.ToArray(), foreign = (s == 0 ? Second : First).Ids.ToArray();
                int[] strange = [.. ids.Where(id => id > 3 && !own.Contains(id))];
                Assert.NotEmpty(strange);
                Assert.All(strange, id => Assert.Contains(id, foreign));
                Assert.True(ids.Length <= First.Ids.Length);
                Assert.Equal(own.Count(id => id <= 3), ids.Count(id => id <= 3));
            }
        }
    }

    [Fact]
    public void The_loss_counts_words_and_fakes()
    {
        var objective = new DialogueLm(new MaskedLm(new IndependentMasking(0.3), new TokenCorruption(4, 40)));
        Model model = MatrixExamples.Build("ernie", objective.Heads).Model;
        var tape = new Tape();
        tape.Begin(recording: true);
        Assert.True(float.IsFinite(objective.Loss(new Pass(tape), model, objective.Collate([First, Second], new RandomStream(2))).Item));
    }

    private static Example Dialogue(params int[] ids) => new() { Ids = ids, Special = ids.Select(id => id <= 3).ToArray() };

    private static TokenBatch Collate(double fakeShare, ulong seed)
    {
        // A model that only looks at what it is given.
        var seen = new Recorder();
        var objective = new DialogueLm(new MaskedLm(new IndependentMasking(0), new TokenCorruption(4, 40)), fakeShare);
        var model = new Model(seen, [], new ParameterNames(), []);
        var tape = new Tape();
        tape.Begin(recording: false);
        Assert.Throws<InvalidOperationException>(() => objective.Loss(new Pass(tape), model, objective.Collate([First, Second], new RandomStream(seed))));
        return seen.Batch!;
    }

    private sealed class Recorder : Module, ISequenceBackbone
    {
        public TokenBatch? Batch { get; private set; }

        public Capabilities Capabilities => Capabilities.Bidirectional | Capabilities.Tokens;

        public int Width => 1;

        public int? MaxLength => null;

        public BackboneOutput Forward(Pass pass, TokenBatch batch)
        {
            Batch = batch;
            return new BackboneOutput { Hidden = Tensor.Zeros([batch.Rows, 1]), Batch = batch };
        }
    }
}
