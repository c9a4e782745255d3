using Attune.Backbones;
using Attune.Data.Rows;
using Attune.Data.Sampling;
using Attune.Formats;
using Attune.Nn.Contracts;
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
        [.. CompatibilityMatrix.Cells().Select(cell => new TheoryDataRow<string, string>(cell.Backbone, cell.Learnable))];

    [Theory]
    [MemberData(nameof(Cells))]
    public void A_cell_trains_two_steps_or_names_what_is_missing(string backbone, string learnable)
    {
        IFamily family = Catalog.Backbones.Get(backbone);
        ILearnable sample = MatrixExamples.Sample(learnable);
        JsonFields config = MatrixExamples.Config(family);
        string? missing = CompatibilityMatrix.Missing(family, null, sample);
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
            new ExampleBatches(sample, new ListExampleSet(MatrixExamples.Of(sample, config)), new EpochSampler(6, 3, 1)),
            new Optimizer(new AdamW(), ParameterGroup.ByRole(model, 0.01)), new ConstantSchedule(1e-3), new TrainerOptions { Steps = 2 });
        if (lacked != Capabilities.None)
        {
            // A family's capabilities are those that all of its bodies have; this one may have more.
            Capabilities here = Fit.Missing(model.Backbone.Capabilities, sample);
            Assert.True(here != Capabilities.None && lacked.HasFlag(here), $"{here} is missing, {lacked} is said to be");
            Assert.Contains(Fit.Describe(here), Assert.Throws<ArgumentException>(Make).Message, StringComparison.Ordinal);
            return;
        }
        int[] before = ToyModel.Bits(model);
        TrainingResult result = Make().Run(TestContext.Current.CancellationToken);
        Assert.Equal(2, result.State.Step);
        Assert.True(double.IsFinite(result.State.LastLoss));
        Assert.NotEqual(before, ToyModel.Bits(model));
    }
}
