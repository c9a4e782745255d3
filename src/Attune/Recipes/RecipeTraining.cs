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
    private readonly ISampler _sampler;
    private readonly ulong _seed;

    public RecipeTraining(RecipeFields recipe, RecipeExamples examples, ulong seed)
    {
        _fields = recipe.Child("training");
        _seed = seed;
        int batch = _fields.Count("batch", 32);
        string sampling = _fields.Text("sampling", "shuffle");
        _sampler = sampling switch
        {
            "shuffle" => new EpochSampler(examples.Train.Count, batch, seed),
            "replacement" => new ReplacementSampler(examples.Train.Count, batch, seed),
            "in-order" => new EpochSampler(examples.Train.Count, batch, seed, shuffle: false),
            _ => throw _fields.Wrong("sampling", $"'{sampling}'", "shuffle, replacement or in-order"),
        };
        double epochs = _fields.Number("epochs", 1, 0.001, 1e6);
        Steps = _fields.WholeOrNull("steps") ?? Math.Max(1, (long)Math.Round(epochs * _sampler.StepsPerEpoch));
    }

    public long Steps { get; }

    public ExampleBatches Batches(ILearnable learnable, IExampleSet train, IReadOnlyList<Setting> origins) =>
        new(learnable, train, _sampler, _fields.Count("accumulate", 1), _seed) { Origins = origins };

    public EvaluationBatches? Evaluation(ILearnable learnable, IExampleSet? validation) =>
        validation is null ? null : new EvaluationBatches(learnable, validation, _fields.Count("evaluation_batch", 32), (ulong)_fields.Whole("evaluation_seed", 0, 0));

    public Optimizer Optimizer(Model model)
    {
        RecipeFields? optimizer = _fields.ChildOrNull("optimizer");
        OptimizerEntry entry = Catalog.Optimizers.Get(optimizer?.Text("name", "adamw") ?? "adamw");
        double decay = optimizer?.Number("weight_decay", 0.01, 0) ?? 0.01;
        return new Optimizer(entry.Make(optimizer), ParameterGroup.ByRole(model, decay));
    }

    /// <summary>Freezes what the recipe says must stay as it is.</summary>
    public void Freeze(Model model)
    {
        if (_fields.ChildOrNull("policy") is { } policy)
            Catalog.Policies.Get(policy.Text("name")).Make(policy).Apply(model);
    }

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
}
