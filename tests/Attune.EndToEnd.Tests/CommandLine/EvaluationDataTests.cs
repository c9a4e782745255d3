using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace Attune.EndToEnd.Tests.CommandLine;

/// <summary>Questions and tagged tokens, learned from and measured on; what a model says itself is the right answer here.</summary>
public sealed class EvaluationDataTests : IDisposable
{
    private const string Context = "stream flow is long";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Questions_are_answered_as_text()
    {
        TinyModel.Bert(_folder.Path, "BertForQuestionAnswering");
        string own = AttuneProcess.Run("predict", _folder.Path, "the", "--pair", Context, "--json").Json()[0].GetProperty("answer").GetString()!;
        string other = own == "long" ? "stream" : "long";

        JsonElement right = Evaluate(Squad(own.ToUpperInvariant() + "."));
        Assert.Equal((100, 100), (right.GetProperty("exact_match").GetDouble(), right.GetProperty("f1").GetDouble()));
        Assert.Equal(0, Evaluate(Squad(other)).GetProperty("exact_match").GetDouble());

        AttuneProcess.Result tuned = AttuneProcess.Run(
            "finetune", _folder.Path, "--data", Squad("stream"), "--validation", Squad("stream"), "--task", "question-answering",
            "--epochs", "60", "--rate", "0.05", "--out", _folder.File("run"), "--json");
        Assert.Equal(100, tuned.Json()[0].GetProperty("figures").GetProperty("exact_match").GetDouble());
    }

    [Fact]
    public void Tags_of_tokens_are_measured_and_unknown_ones_named()
    {
        TinyModel.Bert(_folder.Path, "BertForTokenClassification");
        string[] own = [.. AttuneProcess.Run("predict", _folder.Path, Context, "--json").Json()[0].GetProperty("tokens").EnumerateArray()
            .Select(token => token.GetProperty("label").GetString()!)];
        Assert.Equal(1, Evaluate(Conll(own)).GetProperty("token_accuracy").GetDouble());
        Assert.Equal(0, Evaluate(Conll([.. own.Select(tag => tag == "class 0" ? "class 1" : "class 0")])).GetProperty("token_accuracy").GetDouble());

        AttuneProcess.Result unknown = AttuneProcess.Run("evaluate", _folder.Path, "--data", Conll(["class 0", "class 1", "class 7", "class 0"]));
        Assert.Equal(3, unknown.ExitCode);
        Assert.Contains("line 3", unknown.Error, StringComparison.Ordinal);
        Assert.Contains("'class 7'", unknown.Error, StringComparison.Ordinal);

        TinyModel.Bert(_folder.File("plain"), "BertModel");
        AttuneProcess.Result tuned = AttuneProcess.Run(
            "finetune", _folder.File("plain"), "--data", Conll(["O", "B-X", "I-X", "O"]), "--validation", Conll(["O", "B-X", "I-X", "O"]), "--task", "token-classification",
            "--epochs", "60", "--rate", "0.05", "--out", _folder.File("run"), "--json");
        Assert.Equal(1, tuned.Json()[0].GetProperty("figures").GetProperty("f1").GetDouble());
    }

    [Fact]
    public void Language_models_say_which_column_they_are_measured_on_and_need_no_label()
    {
        TinyModel.Bert(_folder.Path, "BertForMaskedLM");
        string[] rows = [.. Enumerable.Repeat("stream flow is long,the stream", 20)];
        string Table(string name, string header)
        {
            File.WriteAllLines(_folder.File(name), [header, .. rows]);
            return _folder.File(name);
        }

        JsonElement usual = Evaluate(Table("a.csv", "text,label"));
        Assert.Equal(("masked-lm", "a.csv, column 'text'"), (usual.GetProperty("measured_by").GetString(), usual.GetProperty("data").GetString()));
        JsonElement only = Evaluate(Table("b.csv", "sentence,label"));
        Assert.Equal("b.csv, column 'sentence'", only.GetProperty("data").GetString());
        Assert.Equal(usual.GetProperty("loss").GetDouble(), only.GetProperty("loss").GetDouble());

        string two = Table("c.csv", "first,second");
        AttuneProcess.Result unclear = AttuneProcess.Run("evaluate", _folder.Path, "--data", two);
        Assert.Equal(3, unclear.ExitCode);
        Assert.Contains("first, second", Assert.Single(unclear.ErrorLines), StringComparison.Ordinal);
        Assert.Contains("--text-column", unclear.Error, StringComparison.Ordinal);
        AttuneProcess.Result chosen = AttuneProcess.Run("evaluate", _folder.Path, "--data", two, "--text-column", "second");
        Assert.Equal(0, chosen.ExitCode);
        Assert.Contains("c.csv, column 'second'", chosen.Output, StringComparison.Ordinal);
        Assert.NotEqual(usual.GetProperty("tokens").GetInt64(), AttuneProcess.Run("evaluate", _folder.Path, "--data", two, "--text-column", "second", "--json").Json().GetProperty("tokens").GetInt64());
    }

    private JsonElement Evaluate(string data) => AttuneProcess.Run("evaluate", _folder.Path, "--data", data, "--json").Json();

    private string Squad(string answer)
    {
        var qa = new JsonObject
        {
            ["id"] = "1",
            ["question"] = "the",
            ["answers"] = new JsonArray(new JsonObject { ["text"] = answer, ["answer_start"] = Math.Max(0, Context.IndexOf(answer, StringComparison.Ordinal)) }),
        };
        var paragraph = new JsonObject { ["context"] = Context, ["qas"] = new JsonArray(qa) };
        string path = _folder.File("questions.json");
        File.WriteAllText(path, new JsonObject { ["data"] = new JsonArray(new JsonObject { ["paragraphs"] = new JsonArray(paragraph) }) }.ToJsonString());
        return path;
    }

    private string Conll(string[] tags)
    {
        string path = _folder.File("tags.conll");
        File.WriteAllLines(path, Context.Split(' ').Zip(tags, (token, tag) => $"{token}\t{tag}"));
        return path;
    }
}
