using System.Diagnostics;
using System.Globalization;
using Attune.Backbones.Bert;
using Attune.Backbones.Folders;
using Attune.Data.Corpora;
using Attune.Data.Rows;
using Attune.Data.Sampling;
using Attune.Data.Tokens;
using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Objectives;
using Attune.Objectives.Masking;
using Attune.Tokenizers;
using Attune.Training;
using Attune.Training.Batches;
using Attune.Training.Optimizers;
using Attune.Training.Schedules;
using Attune.Training.Tracking;

namespace Attune.Quickstart;

/// <summary>
/// The whole path on one machine in a few minutes: text in, a tokenizer, a pre-trained model, the same model fine-tuned beside a
/// twin that was never pre-trained, answers out.
/// </summary>
public static class QuickstartRun
{
    /// <summary>The pre-trained model's folder below the run's.</summary>
    public const string PretrainedFolder = "pretrained";

    /// <summary>The fine-tuned model's folder below the run's.</summary>
    public const string ClassifierFolder = "classifier";

    /// <summary>The report below the run's folder.</summary>
    public const string ReportName = "report.html";

    private const int Stages = 6;
    private const int Evaluations = 12;
    private const int EvaluationRows = 96;

    /// <summary>Runs a quickstart, or goes on with one that was cut off.</summary>
    /// <param name="options">What it is told.</param>
    /// <param name="observer">Who watches.</param>
    /// <param name="cancellation">Ends it; what was reached is kept.</param>
    /// <exception cref="AttuneFormatException">There is no text, or too little; or the folder holds another run.</exception>
    /// <exception cref="AttuneWriteException">The folder cannot be written.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static QuickstartResult Run(QuickstartOptions options, IQuickstartObserver observer, CancellationToken cancellation = default)
    {
        long started = Stopwatch.GetTimestamp();
        var plan = QuickstartPlan.Of(options);
        if (File.Exists(options.Folder))
            throw new AttuneFormatException("found a file, expected a folder for models, records and the report. Name another one.", options.Folder);
        Directory.CreateDirectory(options.Folder);

        observer.Stage(1, Stages, "Reading text");
        QuickstartText text = QuickstartText.Open(options.Text);
        CorpusStatistics statistics = CorpusStatistics.Count(text.Train.Documents());
        observer.Note(string.Create(CultureInfo.InvariantCulture, $"{text.Name}: {statistics.Words:N0} words in {statistics.Documents:N0} documents to learn from"));

        observer.Stage(2, Stages, "Training a tokenizer");
        QuickstartIdentity.Claim(options, text);
        Tokenizer tokenizer = QuickstartTokenizer.LoadOrTrain(Path.Combine(options.Folder, PretrainedFolder), text.Train);
        MemoryTokenStream train = MemoryTokenStream.From(text.Train.Documents(), tokenizer);
        MemoryTokenStream validation = MemoryTokenStream.From(text.Validation.Documents(), tokenizer);
        observer.Note(string.Create(
            CultureInfo.InvariantCulture,
            $"{tokenizer.VocabularySize:N0} tokens; the text is {train.Count:N0} of them, {(double)statistics.Characters / train.Count:F1} characters each"));

        observer.Stage(3, Stages, "Pre-training");
        observer.Note(plan.ToString());
        var frame = new RowFrame(tokenizer.Special.Cls, tokenizer.Special.Sep);
        var trainRows = new PackedRows(train, QuickstartPlan.RowLength, Packing.FullSentences, frame);
        var allValidationRows = new PackedRows(validation, QuickstartPlan.RowLength, Packing.FullSentences, frame);
        IExampleSet validationRows = allValidationRows.Slice(0, Math.Min(EvaluationRows, allValidationRows.Count));
        var curve = new LossCurve();
        Model model = Pretrain(options, plan, tokenizer, trainRows, validationRows, [curve, observer.Training("pre-training")], cancellation);
        double unigram = UnigramBaseline.Loss(trainRows, validationRows, tokenizer.VocabularySize, tokenizer.IsSpecial);

        observer.Stage(4, Stages, "Fine-tuning with and without pre-training");
        var comparison = new FineTuningComparison(options, tokenizer, text, observer);
        (IReadOnlyList<FineTuning> pretrained, IReadOnlyList<FineTuning> fresh) = comparison.Run(cancellation);

        observer.Stage(5, Stages, "Asking the models");
        FilledMask filled = QuickstartQuestions.Fill(options.Folder, text);
        IReadOnlyList<ClassifiedSentence> classified = QuickstartQuestions.Classify(options.Folder, text);

        observer.Stage(6, Stages, "Writing the report");
        var result = new QuickstartResult
        {
            Text = text.Name,
            Question = text.Question,
            Classes = text.TrainSentences.Labels.Names,
            TrainingTokens = train.Count,
            Parameters = model.Parameters().Sum(p => p.Parameter.Shape.Count),
            PretrainingSteps = plan.PretrainingSteps,
            UnigramLoss = unigram,
            ValidationLosses = curve.Points,
            Pretrained = pretrained,
            Fresh = fresh,
            TokensPerSecond = curve.TokensPerSecond,
            PeakMemory = Process.GetCurrentProcess().PeakWorkingSet64,
            Time = Stopwatch.GetElapsedTime(started),
            Filled = filled,
            Classified = classified,
        };
        QuickstartReport.Write(result, Path.Combine(options.Folder, ReportName));
        return result;
    }

    private static Model Pretrain(
        QuickstartOptions options, QuickstartPlan plan, Tokenizer tokenizer, IExampleSet train, IExampleSet validation,
        IReadOnlyList<ITrainingObserver> observers, CancellationToken cancellation)
    {
        string folder = Path.Combine(options.Folder, PretrainedFolder);
        var family = new BertFamily();
        var config = new JsonFields(QuickstartPlan.Config(tokenizer.VocabularySize, tokenizer.Special.Pad ?? 0), ModelFolder.ConfigName);
        Model model = family.Build(config, [new HeadRequest(HeadKind.MaskedLm)]);
        model.Initialize(options.Seed);

        var objective = new MaskedLm(
            new IndependentMasking(), new TokenCorruption(tokenizer.Special.Mask!.Value, tokenizer.VocabularySize));
        var batches = new ExampleBatches(
            objective, train, new EpochSampler(train.Count, QuickstartPlan.PretrainingBatch, options.Seed, dropLast: true), seed: options.Seed);
        var optimizer = new Optimizer(new AdamW { Beta2 = 0.98, Epsilon = 1e-6 }, ParameterGroup.ByRole(model, 0.01));
        var schedule = new LinearSchedule(QuickstartPlan.PretrainingRate, plan.PretrainingSteps / 10, plan.PretrainingSteps);
        var trainer = new Trainer(model, objective, batches, optimizer, schedule, new TrainerOptions
        {
            Steps = plan.PretrainingSteps,
            Seed = options.Seed,
            Folder = options.Folder,
            EvaluateFirst = true,
            EvaluateEvery = Math.Max(1, plan.PretrainingSteps / Evaluations),
            CheckpointInterval = TimeSpan.FromSeconds(30),
            KeepCheckpoints = 1,
        })
        {
            Evaluation = new EvaluationBatches(objective, validation, QuickstartPlan.PretrainingBatch, options.Seed),
            Observers = [.. observers, Recorder(options, "quickstart", family.ModelType)],
        };
        trainer.Run(cancellation);
        cancellation.ThrowIfCancellationRequested();
        ModelFolder.Save(model, family, folder);
        return model;
    }

    /// <summary>A record of the run in the folder's own database.</summary>
    internal static RunRecorder Recorder(QuickstartOptions options, string id, string kind) =>
        new(new RunStore(Path.Combine(options.Folder, "runs.db")), id, kind, QuickstartIdentity.Describe(options));
}
