using Attune.Analysis;
using Attune.Backbones;
using Attune.Backbones.Folders;
using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Random;
using Attune.Tests.Training;
using Xunit;

namespace Attune.Tests.Analysis;

/// <summary>A model without some heads is the model with those heads set to zero.</summary>
public sealed class HeadPruningTests : IDisposable
{
    private static readonly int[] Ids = [2, 9, 11, 7, 30, 3];

    private readonly string _folder = Directory.CreateTempSubdirectory("attune-heads-").FullName;

    public static TheoryData<string> Families => ["bert", "roberta", "distilbert", "electra", "ernie", "spanbert", "gpt2"];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Families))]
    public void Pruned_equals_gated_also_after_saving_and_in_two_steps(string name)
    {
        IFamily family = Catalog.Backbones.Get(name);
        Model model = MatrixExamples.Build(name, []).Model;
        int heads = ((IHasAttention)model.Backbone).Attentions[1]!.Heads;
        float[] gates = [.. Enumerable.Repeat(1f, heads)];
        gates[0] = gates[heads - 1] = heads > 2 ? 0 : 1;
        if (heads == 2)
            gates[0] = 0;
        int[] cut = [.. Enumerable.Range(0, heads).Where(head => gates[head] == 0)];
        float[] gated = Rows(model, block => block == 1 ? gates : [.. Enumerable.Repeat(1f, Heads(model, block))]);

        Model once = HeadPruner.Prune(model, family, One(1, cut));
        Model twice = HeadPruner.Prune(HeadPruner.Prune(model, family, One(1, [cut[0]])), family, One(1, cut));
        ModelFolder.Save(twice, family, _folder);
        Model loaded = ModelFolder.Load(_folder, Catalog.Backbones.All).Model;

        Assert.True(once.Parameters().Sum(p => p.Parameter.Shape.Count) < model.Parameters().Sum(p => p.Parameter.Shape.Count));
        foreach (Model pruned in (Model[])[once, twice, loaded])
        {
            float[] rows = Rows(pruned, null);
            for (int i = 0; i < rows.Length; i++)
                Assert.Equal(gated[i], rows[i], 1e-5f);
        }
    }

    [Fact]
    public void A_block_keeps_at_least_one_head()
    {
        Model model = MatrixExamples.Build("bert", []).Model;
        int[] all = [.. Enumerable.Range(0, Heads(model, 0))];
        Assert.Throws<AttuneFormatException>(() => HeadPruner.Prune(model, Catalog.Backbones.Get("bert"), One(0, all)));
        Assert.Throws<AttuneFormatException>(() => HeadPruner.Prune(model, Catalog.Backbones.Get("bert"), One(0, [99])));
        var importance = new HeadImportance([[1, 2], [3, 4]]);
        Assert.Equal([(0, 0), (1, 0)], importance.Least(1));
        Assert.Equal([(0, 0)], importance.Least(0.25));
    }

    [Theory]
    [InlineData("albert")]
    [InlineData("gpt_neo")]
    [InlineData("lightconv")]
    public void Models_that_cannot_lose_heads_are_refused(string name)
    {
        Model model = MatrixExamples.Build(name, []).Model;
        Assert.ThrowsAny<Exception>(() => HeadPruner.Prune(model, Catalog.Backbones.Get(name), One(0, [0])));
    }

    [Fact]
    public void Importance_is_measured_by_any_objective()
    {
        ILearnable objective = Catalog.Objectives.Get("causal-lm").Sample;
        Model model = MatrixExamples.Build("gpt2", objective.Heads).Model;
        HeadImportance importance = HeadImportance.Measure(model, objective, TinyModels.Counting(4));
        Assert.All(importance.ByBlock, block => Assert.All(block, value => Assert.True(value > 0)));
        Assert.All(importance.Normalised().ByBlock, block => Assert.Equal(1, block.Sum(value => value * value), 1e-9));
    }

    [Theory]
    [InlineData("causal-lm", "gpt2")]
    [InlineData("masked-lm", "bert")]
    [InlineData("prefix-lm", "gpt2")]
    [InlineData("masked-lm-with-pairs", "bert")]
    [InlineData("sequence-classification", "roberta")]
    [InlineData("sequence-regression", "bert")]
    [InlineData("token-classification", "distilbert")]
    [InlineData("question-answering", "bert")]
    public void Importance_is_the_same_for_examples_together_and_one_by_one(string name, string family)
    {
        ILearnable learnable = MatrixExamples.Sample(name);
        Model model = MatrixExamples.Build(family, learnable.Heads).Model;
        Example[] examples = MatrixExamples.Of(learnable, new JsonFields(model.Config, "config.json"));
        HeadImportance together = HeadImportance.Measure(model, learnable, examples);
        for (int block = 0; block < together.ByBlock.Count; block++)
        {
            double[] mean = new double[together.ByBlock[block].Count];
            for (int number = 0; number < examples.Length; number++)
            {
                Batch batch = learnable.Collate([examples[number]], new RandomStream(0).Stream("head importance"), number);
                float[] slopes = HeadImportance.Slopes(new Tape(), HeadImportance.AttentionsOf(model), 1, pass => learnable.Loss(pass, model, batch))[block];
                for (int head = 0; head < mean.Length; head++)
                    mean[head] += Math.Abs(slopes[head]) / examples.Length;
            }
            for (int head = 0; head < mean.Length; head++)
                Assert.Equal(mean[head], together.ByBlock[block][head], 1e-6 + 1e-4 * mean[head]);
        }
    }

    private static Dictionary<int, IReadOnlyList<int>> One(int block, int[] heads) => new() { [block] = heads };

    private static int Heads(Model model, int block) => ((IHasAttention)model.Backbone).Attentions[block]!.Heads;

    private static float[] Rows(Model model, Func<int, float[]>? gates)
    {
        var tape = new Tape();
        tape.Begin(recording: false);
        int blocks = ((IHasAttention)model.Backbone).Attentions.Count;
        Tensor[]? factors = gates is null ? null : [.. Enumerable.Range(0, blocks).Select(block => Tensor.From([gates(block).Length], gates(block)))];
        return model.Forward(new Pass(tape) { HeadGates = factors }, TokenBatch.Of(Ids)).Hidden.ToArray();
    }
}
