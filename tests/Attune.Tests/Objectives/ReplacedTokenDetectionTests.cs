using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Attune.Objectives;
using Attune.Tensors.Autograd;
using Attune.Tensors.Random;
using Attune.Tests.Training;
using Xunit;

namespace Attune.Tests.Objectives;

public sealed class ReplacedTokenDetectionTests
{
    [Fact]
    public void Both_models_learn_and_share_their_tables()
    {
        var objective = new ReplacedTokenDetection(new ReplacedTokenOptions(TinyModels.MaskId));
        Model model = MatrixExamples.Build("electra", objective.Heads).Model;
        Batch batch = objective.Collate(TinyModels.Counting(4), new RandomStream(1));
        var tape = new Tape();
        tape.Begin(recording: true, training: true, new RandomStream(1));
        tape.Backward(objective.Loss(new Pass(tape), model, batch));
        (string Name, Parameter Parameter)[] all = [.. model.NamedParameters()];
        Assert.All(all, named => Assert.True(named.Parameter.Value.Grad is not null, named.Name));
        Assert.Contains(all, named => named.Name == "generator.electra.encoder.layer.0.attention.self.query.weight");
        Assert.DoesNotContain(all, named => named.Name.StartsWith("generator.electra.embeddings.", StringComparison.Ordinal));
    }

    [Fact]
    public void Samples_follow_the_scores()
    {
        float[] logits = [0, 1, 2];
        double[] weights = [.. logits.Select(l => Math.Exp(l))];
        int[] counts = new int[3];
        float[] noise = new float[3];
        var random = new RandomStream(5);
        for (int i = 0; i < 20_000; i++)
        {
            for (int t = 0; t < 3; t++)
                noise[t] = random.Uniform(i * 3 + t);
            counts[ReplacedTokenDetection.SampleOf(logits, noise)]++;
        }
        for (int t = 0; t < 3; t++)
            Assert.Equal(weights[t] / weights.Sum(), counts[t] / 20_000.0, 0.015);
    }
}
