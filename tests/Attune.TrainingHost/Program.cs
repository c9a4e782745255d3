// Trains a small BERT in the folder given as argument and says "step N" after each update: something for tests to kill.
using System.Globalization;
using Attune.Backbones.Bert;
using Attune.Data.Rows;
using Attune.Data.Sampling;
using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Objectives;
using Attune.Objectives.Masking;
using Attune.Tensors.Random;
using Attune.Training;
using Attune.Training.Batches;
using Attune.Training.Optimizers;
using Attune.Training.Schedules;
using Attune.Training.Tracking;

const int vocabulary = 3000, steps = 24;
string folder = args[0];

Model model = new BertFamily().Build(
    JsonFields.Parse(
        """
        {"model_type": "bert", "vocab_size": 3000, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2,
         "intermediate_size": 64, "max_position_embeddings": 32}
        """u8,
        "config.json"),
    [new HeadRequest(HeadKind.MaskedLm)]);
// Another start in each process: all that counts must come from the checkpoint.
model.Initialize(File.Exists(Path.Combine(folder, "started")) ? 1000ul : 1ul);
Directory.CreateDirectory(folder);
File.WriteAllText(Path.Combine(folder, "started"), "");

var random = new RandomStream(5);
Example[] examples = [.. Enumerable.Range(0, 50).Select(e => new Example
{
    Ids = Enumerable.Range(0, 8 + e % 9).Select(i => random.Below(100 * e + i, vocabulary)).ToArray(),
})];
var objective = new MaskedLm(new IndependentMasking(0.2), new TokenCorruption(4, vocabulary));
var trainer = new Trainer(
    model, objective,
    new ExampleBatches(
        objective, new ListExampleSet(examples), new ReplacementSampler(examples.Length, 8, seed: 3), batchesPerStep: 2, seed: 7),
    new Optimizer(new AdamW(), ParameterGroup.ByRole(model, 0.01)), new LinearSchedule(1e-3, 5, steps),
    new TrainerOptions { Steps = steps, Seed = 2, Folder = folder, CheckpointEvery = 1, EvaluateEvery = 2, KeepBest = true })
{
    Evaluation = new EvaluationBatches(objective, new ListExampleSet(examples[..10]), batchSize: 5),
    Observers =
    [
        new JsonLinesLog(Path.Combine(folder, "log.jsonl"), every: 1),
        new RunRecorder(new RunStore(Path.Combine(folder, "runs.db")), "run", "test", "{}", every: 1),
        new StepPrinter(),
    ],
};
trainer.Run();
Console.WriteLine("done");

internal sealed class StepPrinter : ITrainingObserver
{
    public void Stepped(in StepReport step)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"step {step.Step}"));
        Console.Out.Flush();
    }
}
