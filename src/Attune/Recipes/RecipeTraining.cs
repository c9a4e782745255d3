using Attune.Data.Rows;
using Attune.Data.Sampling;
using Attune.Nn.Contracts;
using Attune.Training;
using Attune.Training.Batches;
using Attune.Training.Optimizers;
using Attune.Training.Policies;
using Attune.Training.Schedules;

namespace Attune.Recipes;

/// <summary>The <c>training</c> of a recipe.</summary>
internal sealed class RecipeTraining
{
    private readonly RecipeFields _fields;
    private readonly IExampleSet _train;
    private readonly ISampler _sampler;
    private readonly ulong _seed;

    /// <summary>Reads how a recipe is trained.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="train">The examples; null before they are known, to have the settings checked.</param>
    /// <param name="seed">The run's seed.</param>
    public RecipeTraining(RecipeFields recipe, IExampleSet? train, ulong seed)
    {
        _fields = recipe.ChildOrEmpty("training");
        _seed = seed;
        int batch = _fields.Count("batch", 32);
        _train = train ?? new UnknownExamples(batch);
        string sampling = _fields.Text("sampling", "shuffle");
        _sampler = sampling switch
        {
            "shuffle" => new EpochSampler(_train.Count, batch, seed),
            "replacement" => new ReplacementSampler(_train.Count, batch, seed),
            "in-order" => new EpochSampler(_train.Count, batch, seed, shuffle: false),
            _ => throw _fields.Wrong("sampling", $"'{sampling}'", "shuffle, replacement or in-order"),
        };
        double epochs = _fields.Number("epochs", 1, 0.001, 1e6);
        Steps = _fields.WholeOrNull("steps") ?? Math.Max(1, (long)Math.Round(epochs * _sampler.StepsPerEpoch));
    }

    public long Steps { get; }

    public ExampleBatches Batches(ILearnable learnable, IReadOnlyList<Setting> origins) =>
        new(learnable, _train, _sampler, _fields.Count("accumulate", 1), _seed) { Origins = origins };

    public EvaluationBatches? Evaluation(ILearnable learnable, IExampleSet? validation)
    {
        int batch = _fields.Count("evaluation_batch", 32);
        ulong seed = (ulong)_fields.Whole("evaluation_seed", 0, 0);
        return validation is null ? null : new EvaluationBatches(learnable, validation, batch, seed);
    }

    public Optimizer Optimizer(Model model)
    {
        RecipeFields? optimizer = _fields.ChildOrNull("optimizer");
        OptimizerEntry entry = Catalog.Optimizers.Get(optimizer?.Text("name", "adamw") ?? "adamw");
        double decay = optimizer?.Number("weight_decay", 0.01, 0) ?? 0.01;
        return new Optimizer(entry.Make(optimizer), ParameterGroup.ByRole(model, decay));
    }

    /// <summary>What the recipe says must stay as it is; null if it says nothing.</summary>
    public IFreezePolicy? Policy() =>
        _fields.ChildOrNull("policy") is { } policy ? Catalog.Policies.Get(policy.Text("name")).Make(policy) : null;

    public ISchedule Schedule(int width)
    {
        RecipeFields? schedule = _fields.ChildOrNull("schedule");
        ScheduleEntry entry = Catalog.Schedules.Get(schedule?.Text("name", "linear") ?? "linear");
        // Below 1 the warm-up is a share of the run, from 1 on a number of updates.
        double warmup = schedule?.Number("warmup", 0.1, 0) ?? 0.1;
        long warmupSteps = warmup < 1 ? (long)(warmup * Steps) : (long)warmup;
        return entry.Make(new ScheduleContext(_fields.Number("rate", 1e-3, 0), warmupSteps, Steps, width, schedule));
    }

    public TrainerOptions Options(string folder, bool acceptChangedData)
    {
        double clip = _fields.Number("clip", 1, 0);
        return new TrainerOptions
        {
            Steps = Steps,
            Seed = _seed,
            MaxGradientNorm = clip > 0 ? clip : null,
            Precision = _fields.ReadPrecision(RecipePrecision.OfTraining),
            RecomputeBlocks = _fields.Flag("recompute_blocks", false),
            EvaluateEvery = _fields.Whole("evaluate_every", 0, 0),
            EvaluateFirst = _fields.Flag("evaluate_first", false),
            Patience = (int?)_fields.WholeOrNull("patience"),
            KeepBest = _fields.Flag("keep_best", false),
            Folder = folder,
            AcceptChangedData = acceptChangedData,
            CheckpointEvery = _fields.Whole("checkpoint_every", 0, 0),
            CheckpointInterval = TimeSpan.FromMinutes(_fields.Number("checkpoint_minutes", 2, 0.01)),
            KeepCheckpoints = _fields.Count("keep_checkpoints", 1),
        };
    }

    /// <summary>As many examples as an update takes, which nobody reads.</summary>
    private sealed class UnknownExamples(long count) : IExampleSet
    {
        public long Count => count;

        public Example Get(long index) => throw new InvalidOperationException("The examples of a recipe that is only checked are not known.");
    }
}
