using Xunit;

namespace Attune.EndToEnd.Tests.CommandLine;

/// <summary>The verbs that ask models: answers have the right shape, and the same question gets the same answer.</summary>
public sealed class ModelVerbTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Fill_gives_candidates_for_every_mask()
    {
        TinyModel.Bert(folder.Path, "BertForMaskedLM");
        var answers = AttuneProcess.Run("fill", folder.Path, "the [MASK] is [MASK]", "[MASK].", "--top", "3", "--json").Json();
        Assert.Equal([2, 1], answers.EnumerateArray().Select(answer => answer.GetProperty("masks").GetArrayLength()));
        Assert.All(answers[0].GetProperty("masks").EnumerateArray(), mask =>
        {
            var probabilities = mask.GetProperty("candidates").EnumerateArray().Select(found => found.GetProperty("probability").GetDouble()).ToArray();
            Assert.Equal(3, probabilities.Length);
            Assert.Equal(probabilities.OrderDescending(), probabilities);
        });
    }

    [Fact]
    public void Predict_classifies_texts_and_pairs()
    {
        TinyModel.Bert(folder.Path, "BertForSequenceClassification", labels: 3);
        var alone = AttuneProcess.Run("predict", folder.Path, "the stream", "--json").Json()[0];
        Assert.Equal(1, alone.GetProperty("scores").EnumerateObject().Sum(score => score.Value.GetDouble()), 5);
        Assert.Contains(alone.GetProperty("label").GetString(), alone.GetProperty("scores").EnumerateObject().Select(score => score.Name));

        var pair = AttuneProcess.Run("predict", folder.Path, "the stream", "--pair", "flows", "--json").Json()[0];
        Assert.NotEqual(alone.GetProperty("score").GetDouble(), pair.GetProperty("score").GetDouble());
    }

    [Fact]
    public void Predict_tags_tokens()
    {
        TinyModel.Bert(folder.Path, "BertForTokenClassification", labels: 3);
        var tokens = AttuneProcess.Run("predict", folder.Path, "the streams", "--json").Json()[0].GetProperty("tokens");
        Assert.Equal(["the", "stream", "##s"], tokens.EnumerateArray().Select(token => token.GetProperty("token").GetString()));
    }

    [Fact]
    public void Predict_answers_from_a_text()
    {
        TinyModel.Bert(folder.Path, "BertForQuestionAnswering");
        var answer = AttuneProcess.Run("predict", folder.Path, "is", "--pair", "the stream", "--json").Json()[0];
        Assert.Contains(answer.GetProperty("answer").GetString()!, "the stream", StringComparison.Ordinal);
        Assert.Equal(2, AttuneProcess.Run("predict", folder.Path, "is").ExitCode);
    }

    [Fact]
    public void Embed_gives_one_vector_a_text_and_a_text_is_like_itself()
    {
        TinyModel.Bert(folder.Path, "BertModel");
        var lines = AttuneProcess.Run("embed", folder.Path, "the stream", "long").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal([8, 8], lines.Select(line => line.Split(' ').Length));
        var cosines = AttuneProcess.Run("embed", folder.Path, "the stream", "long", "the stream", "--similarity", "--json").Json();
        Assert.Equal(1, cosines[0][2].GetDouble(), 5);
        Assert.True(cosines[0][1].GetDouble() < 0.9999);
    }

    [Fact]
    public void Embed_reads_a_file_with_more_lines_than_one_batch()
    {
        TinyModel.Bert(folder.Path, "BertModel");
        File.WriteAllLines(folder.File("texts"), Enumerable.Repeat("the stream", 300));
        var lines = AttuneProcess.Run("embed", folder.Path, "--file", folder.File("texts")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(300, lines.Length);
        Assert.Single(lines.Distinct());
    }

    [Fact]
    public void Generate_repeats_itself_for_a_seed()
    {
        TinyModel.Gpt2(folder.Path);
        string[] line = ["generate", folder.Path, "the stream", "--temperature", "1.5", "--max-new-tokens", "6", "--json", "--seed"];
        var first = AttuneProcess.Run([.. line, "1"]).Json().GetProperty("continuation").GetString();
        Assert.Equal(first, AttuneProcess.Run([.. line, "1"]).Json().GetProperty("continuation").GetString());
        Assert.NotEqual(first, AttuneProcess.Run([.. line, "2"]).Json().GetProperty("continuation").GetString());
    }

    [Fact]
    public void Generate_prints_the_prompt_and_what_follows()
    {
        TinyModel.Gpt2(folder.Path);
        var result = AttuneProcess.Run("generate", folder.Path, "the stream", "--max-new-tokens", "3");
        Assert.Equal(0, result.ExitCode);
        Assert.StartsWith("the stream", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Generate_gives_the_best_beams_of_every_prompt()
    {
        TinyModel.Gpt2(folder.Path);
        var answers = AttuneProcess.Run(
            "generate", folder.Path, "the stream", "is", "--beams", "3", "--return", "2", "--length-penalty", "0.5", "--early-stopping", "never",
            "--no-repeat-ngram", "2", "--max-new-tokens", "4", "--json").Json().EnumerateArray().ToArray();
        Assert.Equal(["the stream", "is"], answers.Select(answer => answer.GetProperty("prompt").GetString()));
        foreach (var answer in answers)
        {
            var scores = answer.GetProperty("texts").EnumerateArray().Select(text => text.GetProperty("score").GetDouble()).ToArray();
            Assert.Equal(2, scores.Length);
            Assert.True(scores[0] >= scores[1]);
        }
    }

    [Theory]
    [InlineData("--length-penalty", "2", "--beams")]
    [InlineData("--return", "2", "--sample")]
    [InlineData("--early-stopping", "perhaps", "never")]
    [InlineData("--min-tokens", "100", "--max-new-tokens")]
    [InlineData("--stop", "", "--stop")]
    public void Generate_says_which_options_do_not_go_together(string option, string value, string named)
    {
        TinyModel.Gpt2(folder.Path);
        var result = AttuneProcess.Run("generate", folder.Path, "the stream", option, value);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(named, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Inspect_needs_the_configuration_only()
    {
        TinyModel.Bert(folder.Path, "BertForMaskedLM");
        File.Delete(folder.File("model.safetensors"));
        var costs = AttuneProcess.Run("inspect", folder.File("config.json"), "--batch", "2", "--length", "4", "--json").Json();
        // Words, positions and types of width 8 with a norm; one block of 4 (8 x 8 + 8) + 2 (8 x 16) + 16 + 8 and two norms; the head.
        const int embedding = ((12 + 8 + 2) * 8) + 16, block = (4 * 72) + 256 + 24 + 32, head = 72 + 16 + 12;
        Assert.Equal(embedding + block + head, costs.GetProperty("parameters").GetInt32());
        Assert.Equal(block, costs.GetProperty("parts").GetProperty("layers").GetInt32());
        // Eight rows through the block's and the head's matrices, and 2 (4 x 4) scores of width 8 twice.
        Assert.Equal((8 * (256 + 256 + 64 + (12 * 8))) + (2 * 2 * 4 * 4 * 8), costs.GetProperty("multiply_adds").GetInt64());
    }

    [Fact]
    public void Matrix_says_what_fits()
    {
        var cells = AttuneProcess.Run("matrix", "--json").Json().EnumerateArray().ToArray();
        var bert = cells.Where(cell => cell.GetProperty("backbone").GetString() == "bert").ToArray();
        Assert.True(Cell("objective", "masked-lm").GetProperty("fits").GetBoolean());
        Assert.False(Cell("objective", "causal-lm").GetProperty("fits").GetBoolean());
        Assert.Equal("is not causal", Cell("objective", "causal-lm").GetProperty("missing").GetString());
        Assert.True(Cell("objective", "masked-lm", "lstm").GetProperty("fits").GetBoolean());
        Assert.Contains("free masks", AttuneProcess.Run("matrix", "--why", "--mixer", "lstm").Output, StringComparison.Ordinal);

        System.Text.Json.JsonElement Cell(string kind, string name, string? mixer = null) =>
            bert.Single(cell => Text(cell, kind) == name && Text(cell, "mixer") == mixer);

        static string? Text(System.Text.Json.JsonElement cell, string name) => cell.TryGetProperty(name, out var found) ? found.GetString() : null;
    }
}
