using System.Globalization;
using System.Text.Json.Nodes;
using Attune.Backbones.Bert;
using Attune.Backbones.Folders;
using Attune.Data.Labelled;
using Attune.Data.Rows;
using Attune.Data.Sampling;
using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Tasks;
using Attune.Tokenizers;
using Attune.Training;
using Attune.Training.Batches;
using Attune.Training.Optimizers;
using Attune.Training.Schedules;

namespace Attune.Quickstart;

/// <summary>
/// Fine-tunes the pre-trained model and a twin with the same head but a fresh body, on the same few examples in the same order, once
/// for each seed. What is done already (the run was cut off) is read from its record.
/// </summary>
internal sealed class FineTuningComparison(QuickstartOptions options, Tokenizer tokenizer, QuickstartText text, IQuickstartObserver observer)
{
    private readonly BertFamily _family = new();
    private readonly IExampleSet _train = Examples(tokenizer, text.TrainSentences);
    private readonly IExampleSet _validation = Examples(tokenizer, text.ValidationSentences);

    public (IReadOnlyList<FineTuning> Pretrained, IReadOnlyList<FineTuning> Fresh) Run(CancellationToken cancellation)
    {
        List<FineTuning> pretrained = [], fresh = [];
        for (int repetition = 0; repetition < options.Repetitions; repetition++)
        {
            ulong seed = options.Seed + (ulong)repetition;
            pretrained.Add(RunOnce(seed, pretrained: true, cancellation));
            fresh.Add(RunOnce(seed, pretrained: false, cancellation));
        }
        return (pretrained, fresh);
    }

    private FineTuning RunOnce(ulong seed, bool pretrained, CancellationToken cancellation)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"{(pretrained ? "pretrained" : "fresh")}-{seed}");
        string record = Path.Combine(options.Folder, "fine-tuning", name + ".json");
        if (File.Exists(record))
            return Read(record, seed);

        Model model = pretrained ? LoadPretrained(seed) : MakeFresh(seed);
        var task = new SequenceClassification(text.TrainSentences.Labels.Count);
        var sampler = new EpochSampler(_train.Count, QuickstartPlan.FineTuningBatch, seed, dropLast: true);
        long steps = sampler.StepsPerEpoch * QuickstartPlan.FineTuningEpochs;
        var curve = new LossCurve();
        var trainer = new Trainer(
            model, task,
            new ExampleBatches(task, _train, sampler, seed: seed),
            new Optimizer(new AdamW(), ParameterGroup.ByRole(model, 0.01)),
            new LinearSchedule(QuickstartPlan.FineTuningRate, steps / 10, steps),
            new TrainerOptions { Steps = steps, Seed = seed, EvaluateEvery = sampler.StepsPerEpoch })
        {
            Evaluation = new EvaluationBatches(task, _validation, QuickstartPlan.FineTuningBatch * 4),
            Observers =
            [
                curve,
                observer.Training(string.Create(CultureInfo.InvariantCulture, $"fine-tuning, {(pretrained ? "pre-trained" : "fresh")}, seed {seed}")),
                QuickstartRun.Recorder(options, name, "fine-tuning"),
            ],
        };
        trainer.Run(cancellation);
        cancellation.ThrowIfCancellationRequested();
        if (pretrained && seed == options.Seed)
            SaveClassifier(model);
        var result = new FineTuning(seed, curve.Figures[^1].Figure, curve.Figures);
        Write(record, result);
        return result;
    }

    private Model LoadPretrained(ulong seed) => ModelFolder.Load(
        Path.Combine(options.Folder, QuickstartRun.PretrainedFolder), [_family],
        new LoadOptions { Heads = Heads, MissingHeads = MissingHeads.NewInitialized, Trainable = true, Seed = seed }).Model;

    private Model MakeFresh(ulong seed)
    {
        (JsonFields config, _) = ModelFolder.ReadConfig(Path.Combine(options.Folder, QuickstartRun.PretrainedFolder), [_family]);
        Model model = _family.Build(config, Heads);
        model.Initialize(seed);
        return model;
    }

    private IReadOnlyList<HeadRequest> Heads => [new HeadRequest(HeadKind.SequenceClassification, text.TrainSentences.Labels.Count)];

    private void SaveClassifier(Model model)
    {
        string folder = Path.Combine(options.Folder, QuickstartRun.ClassifierFolder);
        ModelFolder.SetLabelNames(model.Config, text.TrainSentences.Labels.Names);
        ModelFolder.Save(model, _family, folder);
        tokenizer.Save(folder);
    }

    private static ListExampleSet Examples(Tokenizer tokenizer, LabelledSet set) =>
        new ExampleEncoder(tokenizer, QuickstartPlan.LongestSentence).Encode(set);

    private static void Write(string path, FineTuning result)
    {
        var steps = new JsonArray([.. result.AccuracyByStep.Select(p => (JsonNode)new JsonArray(p.Step, p.Accuracy))]);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        AtomicFile.WriteAllText(path, JsonText.Indented(new JsonObject { ["accuracy"] = result.Accuracy, ["by_step"] = steps }));
    }

    private static FineTuning Read(string path, ulong seed)
    {
        JsonFields fields = JsonFields.Load(path);
        IEnumerable<(long, double)> steps = (fields.Raw("by_step") as JsonArray ?? throw fields.Error("by_step", "a list"))
            .Select(p => ((long)p![0]!, (double)p[1]!));
        return new FineTuning(seed, fields.Float("accuracy"), [.. steps]);
    }
}
