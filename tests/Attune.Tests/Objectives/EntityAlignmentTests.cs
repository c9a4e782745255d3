using Attune.Nn.Contracts;
using Attune.Objectives;
using Attune.Objectives.Entities;
using Attune.Objectives.Masking;
using Attune.Tensors.Autograd;
using Attune.Tensors.Random;
using Attune.Tests.Training;
using Attune.Training.Optimizers;
using Xunit;

namespace Attune.Tests.Objectives;

/// <summary>Entities are found where they are written, and learned from.</summary>
public sealed class EntityAlignmentTests
{
    private static readonly EntityLexicon Lexicon = new([[10], [10, 11], [12, 13], []]);

    private static readonly Example Text = new()
    {
        Ids = new[] { 2, 10, 11, 20, 10, 12, 13, 14, 10, 11, 3 },
        Special = new[] { true, false, false, false, false, false, false, false, false, false, true },
        Words = new[] { -1, 0, 0, 1, 2, 3, 3, 3, 4, 5, -1 },
    };

    [Fact]
    public void The_longest_mention_wins_and_none_ends_within_a_word()
    {
        int[] found = new int[Text.Ids.Length];
        Lexicon.Find(Text, found);
        Assert.Equal([-1, 1, -1, -1, 0, -1, -1, -1, 1, -1, -1], found);
        Lexicon.Find(Text with { Words = default }, found);
        Assert.Equal([-1, 1, -1, -1, 0, 2, -1, -1, 1, -1, -1], found);
    }

    [Fact]
    public void Vectors_are_the_same_every_time_and_zeros_stand_for_nothing()
    {
        float[] first = Lexicon.Vectors([2, -1, 2], 4).ToArray();
        Assert.Equal(first[..4], first[8..]);
        Assert.All(first[4..8], number => Assert.Equal(0, number));
        var given = new EntityLexicon([[1]], [[1, 2, 3]]);
        Assert.Equal([1, 2, 3], given.Vectors([0], 3).ToArray());
        Assert.Contains("entity_size", Assert.Throws<ArgumentException>(() => given.Vectors([0], 4)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_learns_which_entity_is_meant()
    {
        var objective = new EntityAlignment(new MaskedLm(new IndependentMasking(0), new TokenCorruption(4, 40)), Lexicon) { RemovedShare = 0.3 };
        Model model = MatrixExamples.Build("ernie_thu", objective.Heads).Model;
        var optimizer = new Optimizer(new AdamW(), ParameterGroup.Uniform(model, 0));
        var tape = new Tape();
        float Step(int step)
        {
            tape.Begin(recording: true);
            var loss = objective.Loss(new Pass(tape), model, objective.Collate([Text, Text, Text], new RandomStream((ulong)step)));
            tape.Backward(loss);
            optimizer.Step(3e-3, 1);
            optimizer.ClearGradients();
            return loss.Item;
        }
        float before = Step(0), after = 0;
        for (int step = 1; step < 60; step++)
            after = Step(step);
        Assert.True(after < 0.5 * before, $"{before} to {after}");
    }

    [Fact]
    public void Texts_without_entities_are_a_masked_language_model()
    {
        var words = new MaskedLm(new IndependentMasking(0.5), new TokenCorruption(4, 40));
        var objective = new EntityAlignment(words, new EntityLexicon([]));
        Model model = MatrixExamples.Build("ernie_thu", objective.Heads).Model;
        float Loss(IObjective learned)
        {
            var tape = new Tape();
            tape.Begin(recording: false);
            return learned.Loss(new Pass(tape), model, learned.Collate([Text], new RandomStream(1))).Item;
        }
        Assert.Equal(Loss(words), Loss(objective));
    }
}
