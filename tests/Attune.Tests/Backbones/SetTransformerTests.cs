using Attune.Nn.Contracts;
using Attune.Tensors.Autograd;
using Attune.Tests.Training;
using FsCheck.Xunit;
using Xunit;

namespace Attune.Tests.Backbones;

/// <summary>Sets have no order.</summary>
public sealed class SetTransformerTests
{
    private static readonly Model Model = MatrixExamples.Build("set_transformer", [new HeadRequest(HeadKind.SequenceClassification, 3)]).Model;

    [Property(MaxTest = 30)]
    public void The_order_of_the_elements_does_not_matter(int seed)
    {
        var random = new Random(seed);
        int[] set = [.. Enumerable.Range(0, 1 + random.Next(12)).Select(_ => random.Next(40))];
        int[] shuffled = [.. set];
        random.Shuffle(shuffled);
        float[] first = Answer(set), second = Answer(shuffled);
        for (int i = 0; i < first.Length; i++)
            Assert.Equal(first[i], second[i], 1e-4f);
    }

    [Fact]
    public void The_elements_matter() => Assert.NotEqual(Answer([1, 2, 3]), Answer([1, 2, 4]));

    private static float[] Answer(int[] set)
    {
        var tape = new Tape();
        tape.Begin(recording: false);
        var pass = new Pass(tape);
        // Another set beside it must change nothing.
        BackboneOutput output = Model.Forward(pass, TokenBatch.Of(set, [7, 8]));
        return Model.SequenceLogits(pass, HeadKind.SequenceClassification, output).ToArray()[..3];
    }
}
