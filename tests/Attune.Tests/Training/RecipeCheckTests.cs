using System.Text.Json.Nodes;
using Attune.Recipes;
using Xunit;

namespace Attune.Tests.Training;

/// <summary>What is wrong in a recipe itself is found before any long work, which leaves traces in the run's folder.</summary>
public sealed class RecipeCheckTests : IDisposable
{
    private const string Running = """
        seeds: [1, 2]
        data: { text: text.txt, length: 16, validation_share: 0 }
        tokenizer: { train: wordpiece, vocabulary: 60 }
        model:
          family: bert
          config: { hidden_size: 16, num_hidden_layers: 1, num_attention_heads: 2, intermediate_size: 32, max_position_embeddings: 32 }
        objective: masked-lm
        training: { steps: 2, batch: 2, rate: 0.001, policy: { name: everything } }
        """;

    private const string Labelled = """
        data: { labelled: rows.csv }
        tokenizer: { from: tokenizer.json }
        model: { family: bert, config: { hidden_size: 16, num_hidden_layers: 1, num_attention_heads: 2, intermediate_size: 32, max_position_embeddings: 32 } }
        task: sequence-classification
        training: { steps: 2, batch: 2, rate: 0.001 }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("attune-recipe-check-").FullName;

    private string RunFolder => Path.Combine(_folder, "run");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("training: {", "training: { stepz: 3,", "'training.stepz'")]
    [InlineData("objective: masked-lm", "objective: { name: masked-lm, probabilty: 0.2 }", "'objective.probabilty'")]
    [InlineData("objective: masked-lm", "objective: { name: masked-lm, probability: 2 }", "'objective.probability' is 2")]
    [InlineData("objective: masked-lm", "objective: causal-lm", "'causal-lm' needs a backbone that is causal")]
    [InlineData("objective: masked-lm", "objective: span-corruption", "end token")]
    [InlineData("length: 16", "length: 16, cut: slices", "'data.cut'")]
    [InlineData("length: 16", "length: 16, framd: true", "'data.framd'")]
    [InlineData("vocabulary: 60", "vocabulary: 60, lower: true", "'tokenizer.lower'")]
    [InlineData("train: wordpiece", "train: syllables", "'tokenizer.train' is 'syllables'")]
    [InlineData("hidden_size: 16", "hidden_size: 15", "num_attention_heads")]
    [InlineData("family: bert", "family: bert\n  mixer: lightweight-conf", "lightweight-conf")]
    [InlineData("rate: 0.001", "rate: 0.001, accumulate: 3", "cut into 3 batches")]
    [InlineData("rate: 0.001", "rate: 0.001, evaluation_batch: 0", "'training.evaluation_batch'")]
    [InlineData("rate: 0.001", "rate: 0.001, schedule: { name: linear, warmpu: 3 }", "'training.schedule.warmpu'")]
    [InlineData("rate: 0.001", "rate: 0.001, optimizer: { name: adamw, beta3: 1 }", "'training.optimizer.beta3'")]
    [InlineData("name: everything", "name: everythng", "did you mean 'everything'")]
    [InlineData("seeds: [1, 2]", "seeds: [1, 2.5]", "'seeds' is [1, 2.5]")]
    public void A_wrong_recipe_is_refused_before_a_tokenizer_is_trained(string right, string wrong, string named)
    {
        WriteText();
        Assert.Contains(right, Running, StringComparison.Ordinal);
        AssertRefused(Running.Replace(right, wrong, StringComparison.Ordinal), named);
    }

    [Theory]
    [InlineData("training: {", "training: { stepz: 3,", "'training.stepz'")]
    [InlineData("task: sequence-classification", "task: question-answring", "question-answring")]
    [InlineData("rows.csv }", "rows.csv, format: sheet }", "'data.format'")]
    [InlineData("rows.csv }", "rows.csv, validation: rest.csv }", "rest.csv")]
    public void A_wrong_recipe_is_refused_before_labelled_data_are_read(string right, string wrong, string named)
    {
        WriteText();
        RecipeRunner.Run(Parse(Running), RunFolder, _ => [], TestContext.Current.CancellationToken);
        File.Move(Path.Combine(RunFolder, "tokenizer", "tokenizer.json"), Path.Combine(_folder, "tokenizer.json"));
        Directory.Delete(RunFolder, recursive: true);
        // No table at all: reading it would be the error.
        File.WriteAllText(Path.Combine(_folder, "rows.csv"), "\"");
        AssertRefused(Labelled.Replace(right, wrong, StringComparison.Ordinal), named);
    }

    [Fact]
    public void All_seeds_and_the_tokenizer_have_the_one_digest_of_the_text()
    {
        WriteText();
        RecipeRunner.Run(Parse(Running), RunFolder, _ => [], TestContext.Current.CancellationToken);
        string trained = Json("tokenizer", "training.json")["text"]!.GetValue<string>();
        Assert.All((string[])["seed-1", "seed-2"], seed => Assert.Equal(
            trained, Json(seed, "checkpoints", "step-00000002", "trainer.json")["run"]!["origins"]!["data.text"]!.GetValue<string>()));
    }

    private void AssertRefused(string recipe, string named)
    {
        Exception error = Assert.ThrowsAny<Exception>(() => RecipeRunner.Run(Parse(recipe), RunFolder, _ => [], TestContext.Current.CancellationToken));
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(RunFolder));
    }

    private RecipeFields Parse(string recipe) => RecipeFile.Parse(recipe, Path.Combine(_folder, "recipe.yaml"));

    private JsonNode Json(params string[] path) => JsonNode.Parse(File.ReadAllText(Path.Combine([RunFolder, .. path])))!;

    private void WriteText() => File.WriteAllLines(
        Path.Combine(_folder, "text.txt"), Enumerable.Range(0, 60).Select(i => i % 6 == 5 ? "" : $"The reader {i % 7} reads the stream {i % 5}."));
}
