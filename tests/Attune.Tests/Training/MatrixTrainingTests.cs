using System.Text.Json;
using Attune.Backbones;
using Attune.Data.Rows;
using Attune.Data.Sampling;
using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Tests.Architecture;
using Attune.Training;
using Attune.Training.Batches;
using Attune.Training.Optimizers;
using Attune.Training.Schedules;
using Xunit;

namespace Attune.Tests.Training;

/// <summary>The axes are independent: every backbone is trained on every objective and task, or refuses by naming what is missing.</summary>
public sealed class MatrixTrainingTests
{
    public static TheoryData<string, string> Cells =>
        [.. CompatibilityMatrix.Cells().Where(cell => FindConfig(Catalog.Backbones.Get(cell.Backbone)) is not null).Select(cell => new TheoryDataRow<string, string>(cell.Backbone, cell.Learnable))];

    [Theory]
    [MemberData(nameof(Cells))]
    public void A_cell_trains_two_steps_or_names_what_is_missing(string backbone, string learnable)
    {
        IFamily family = Catalog.Backbones.Get(backbone);
        ILearnable sample = (ILearnable?)Catalog.Objectives.Find(learnable)?.Sample ?? Catalog.Tasks.Get(learnable).Sample;
        JsonFields config = Config(family);
        string? missing = CompatibilityMatrix.Missing(family, sample);
        Capabilities lacked = Fit.Missing(family.Capabilities, sample);
        if (missing is not null && lacked == Capabilities.None)
        {
            // A missing head shows when the model is built.
            Assert.Contains(missing.Split(' ')[2], Assert.ThrowsAny<Exception>(() => family.Build(config, sample.Heads)).Message, StringComparison.Ordinal);
            return;
        }
        Model model = family.Build(config, lacked == Capabilities.None ? sample.Heads : []);
        model.Initialize(1);
        Trainer Make() => new(
            model, sample,
            new ExampleBatches(sample, new ListExampleSet(Examples(sample, config)), new EpochSampler(6, 3, 1)),
            new Optimizer(new AdamW(), ParameterGroup.ByRole(model, 0.01)), new ConstantSchedule(1e-3), new TrainerOptions { Steps = 2 });
        if (lacked != Capabilities.None)
        {
            Assert.Contains(Fit.Describe(lacked), Assert.Throws<ArgumentException>(Make).Message, StringComparison.Ordinal);
            return;
        }
        int[] before = ToyModel.Bits(model);
        TrainingResult result = Make().Run(TestContext.Current.CancellationToken);
        Assert.Equal(2, result.State.Step);
        Assert.True(double.IsFinite(result.State.LastLoss));
        Assert.NotEqual(before, ToyModel.Bits(model));
    }

    private static JsonFields Config(IFamily family) =>
        FindConfig(family) ?? throw new InvalidOperationException($"No reference case is of the family {family.ModelType}.");

    /// <summary>
    /// The configuration of one of the family's reference cases: small models all. Families whose cases are not in the published layout have
    /// none; the test of mixers trains them.
    /// </summary>
    private static JsonFields? FindConfig(IFamily family)
    {
        foreach (string path in Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests", "Goldens"), "config.json", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal))
        {
            JsonFields config = JsonFields.Load(path);
            if (config.StringOrNull("model_type") == family.ModelType)
                return config;
        }
        return null;
    }

    private static Example[] Examples(ILearnable learnable, JsonFields config)
    {
        int end = config.Raw("eos_token_id") is { } eos && eos.GetValueKind() == JsonValueKind.Number ? config.Int("eos_token_id") : TinyModels.SepId;
        Example[] examples = [.. TinyModels.Counting(6).Select(e => e with
        {
            Ids = e.Ids.ToArray()[..^1].Append(end).ToArray(),
            TokenLabels = new int[e.Ids.Length],
            TargetIds = e.Ids.ToArray()[1..^1].Append(end).ToArray(),
        })];
        return learnable.Heads.Any(head => head.Kind == HeadKind.MultipleChoice)
            ? [.. examples.Select(e => new Example { Choices = [examples[0], e, examples[1]], Label = 1 })]
            : examples;
    }
}
