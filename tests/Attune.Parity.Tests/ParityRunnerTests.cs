using System.Text;
using System.Text.Json.Nodes;
using Attune.Formats;
using Xunit;

namespace Attune.Parity.Tests;

/// <summary>The runner itself: what is wrong must fail, what is not known must say so, and nothing may crash.</summary>
public sealed class ParityRunnerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("attune-parity-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("output.logits")]
    [InlineData("output.attentions.1")]
    [InlineData("grad.bert.embeddings.LayerNorm.bias")]
    [InlineData("train.after.bert.embeddings.LayerNorm.bias")]
    [InlineData("train.losses")]
    public void A_changed_number_fails(string tensor)
    {
        string copy = Goldens.Copy("bert/sequence_classification", _folder);
        Change(Path.Combine(copy, "expected.safetensors"), tensor, value => value + 0.01f);
        ParityResult result = Goldens.RunOne(copy);
        Assert.Equal(ParityStatus.Failed, result.Status);
        Assert.Contains(tensor, result.Message, StringComparison.Ordinal);
        Assert.True(result.Share > 1);
    }

    [Fact]
    public void A_changed_weight_fails_everything()
    {
        string copy = Goldens.Copy("gpt2/lm", _folder);
        Change(Path.Combine(copy, "model.safetensors"), "transformer.h.0.attn.c_attn.weight", value => value * 1.01f);
        ParityResult result = Goldens.RunOne(copy);
        Assert.True(result is { Status: ParityStatus.Failed, Outputs.Share: > 1, Gradients.Share: > 1 });
    }

    [Fact]
    public void Numbers_of_padding_do_not_count()
    {
        string copy = Goldens.Copy("bert/sequence_classification", _folder);
        // The last row of the last sequence is padding.
        Change(Path.Combine(copy, "expected.safetensors"), "output.hidden_states.1", (value, i, count) => i == count - 1 ? 1000 : value);
        Assert.Equal(ParityStatus.Passed, Goldens.RunOne(copy).Status);
    }

    [Fact]
    public void A_gradient_that_should_not_be_there_fails()
    {
        string copy = Goldens.Copy("bert/sequence_classification", _folder);
        string file = Path.Combine(copy, "expected.safetensors");
        Rewrite(file, name => name != "grad.classifier.bias");
        ParityResult result = Goldens.RunOne(copy);
        Assert.Equal(ParityStatus.Failed, result.Status);
        Assert.Contains("grad.classifier.bias", result.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model_type", "unheard-of")]
    [InlineData("class", "BertForSomethingElse")]
    public void What_is_not_known_is_named(string field, string value)
    {
        string copy = Goldens.Copy("bert/mlm", _folder);
        Edit(Path.Combine(copy, field == "class" ? "case.json" : "config.json"), json => json[field] = value);
        ParityResult result = Goldens.RunOne(copy);
        Assert.Equal(ParityStatus.Unknown, result.Status);
        Assert.Contains(value, result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_body_alone_is_run_from_the_weights_of_a_whole_model()
    {
        string copy = Goldens.Copy("bert/sequence_classification", _folder);
        Edit(Path.Combine(copy, "case.json"), json => json["class"] = "BertModel");
        string[] kept = ["input.input_ids", "input.attention_mask", "input.token_type_ids", "output.last_hidden_state", "output.hidden_states.1"];
        Rewrite(Path.Combine(copy, "expected.safetensors"), kept.Contains);
        ParityResult result = Goldens.RunOne(copy);
        Assert.Equal((ParityStatus.Passed, ""), (result.Status, result.Message));
        Assert.Null(result.Gradients);
    }

    [Fact]
    public void A_missing_mask_means_that_all_tokens_are_real()
    {
        string copy = Goldens.Copy("bert/sequence_classification", _folder);
        Rewrite(Path.Combine(copy, "expected.safetensors"), name => name != "input.attention_mask");
        // The shorter sequences now see what was padding, so their numbers are others.
        Assert.Equal(ParityStatus.Failed, Goldens.RunOne(copy).Status);
    }

    [Fact]
    public void An_argument_that_nobody_reads_fails()
    {
        string copy = Goldens.Copy("bert/mlm", _folder);
        Edit(Path.Combine(copy, "case.json"), json => json["call"]!["output_magic"] = true);
        ParityResult result = Goldens.RunOne(copy);
        Assert.Equal(ParityStatus.Failed, result.Status);
        Assert.Contains("output_magic", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_argument_of_an_operation_that_nobody_reads_fails()
    {
        string copy = Goldens.Copy("layers/softmax", _folder);
        Edit(Path.Combine(copy, "case.json"), json => json["args"]!["temperature"] = 2);
        ParityResult result = Goldens.RunOne(copy);
        Assert.Equal(ParityStatus.Failed, result.Status);
        Assert.Contains("temperature", result.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bert/mlm", "case.json")]
    [InlineData("bert/mlm", "config.json")]
    [InlineData("bert/mlm", "model.safetensors")]
    [InlineData("bert/mlm", "expected.safetensors")]
    [InlineData("layers/softmax", "expected.safetensors")]
    [InlineData("optim/adamw", "expected.safetensors")]
    [InlineData("schedules/table", "case.json")]
    public void A_truncated_file_fails_with_its_name(string name, string file)
    {
        string copy = Goldens.Copy(name, _folder);
        string path = Path.Combine(copy, file);
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..100]);
        ParityResult result = Goldens.RunOne(copy);
        Assert.Equal(ParityStatus.Failed, result.Status);
        Assert.Contains(file, result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_case_without_tolerances_fails()
    {
        string copy = Goldens.Copy("layers/softmax", _folder);
        Edit(Path.Combine(copy, "case.json"), json => json.Remove("tolerances"));
        ParityResult result = Goldens.RunOne(copy);
        Assert.Equal(ParityStatus.Failed, result.Status);
        Assert.Contains("tolerances", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tokenizer_lines_are_counted()
    {
        File.WriteAllText(Path.Combine(_folder, "vocab.txt"), "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nstream\n");
        string good = """{"category":"word","text":"stream","special":false,"ids":[5],"tokens":["stream"],"offsets":[[0,6]],"type_ids":[0],"word_ids":[0],"decoded":"stream","decoded_all":"stream"}""";
        string[] lines = [good, good.Replace("\"ids\":[5]", "\"ids\":[1]", StringComparison.Ordinal), "{\"text\":\"stream\"}", "{"];
        File.WriteAllLines(Path.Combine(_folder, "cases.jsonl"), lines, new UTF8Encoding(false));
        ParityResult result = Goldens.RunOne(_folder);
        Assert.Equal((ParityStatus.Failed, new ParityLines(4, 3)), (result.Status, result.Lines));
        Assert.Contains("line 2", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Vectors_of_a_layout_that_is_not_known_are_named()
    {
        File.WriteAllText(Path.Combine(_folder, "dreams.json"), """[{"pieces": ["a"]}]""");
        ParityResult result = Goldens.RunOne(_folder);
        Assert.Equal(ParityStatus.Unknown, result.Status);
        Assert.Contains("dreams", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_is_not_there_is_refused() =>
        Assert.Contains("nowhere", Assert.Throws<AttuneFormatException>(() => new ParityRunner().Run(Path.Combine(_folder, "nowhere"))).Message, StringComparison.Ordinal);

    private static void Edit(string path, Action<JsonObject> change)
    {
        JsonObject json = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        change(json);
        File.WriteAllText(path, json.ToJsonString());
    }

    private static void Change(string path, string tensor, Func<float, float> change) =>
        Change(path, tensor, (value, i, _) => i == 0 ? change(value) : value);

    private static void Change(string path, string tensor, Func<float, int, int, float> change) => Rewrite(path, _ => true, (name, values) =>
    {
        for (int i = 0; i < values.Length && name == tensor; i++)
            values[i] = change(values[i], i, values.Length);
    });

    private static void Rewrite(string path, Func<string, bool> keep, Action<string, float[]>? change = null)
    {
        var writer = new SafetensorsWriter();
        using (var file = SafetensorsFile.Open(path))
        {
            foreach (StoredTensor tensor in file.Tensors.Where(t => keep(t.Name)))
            {
                if (tensor.DType != DType.F32)
                {
                    byte[] bytes = tensor.Bytes.ToArray();
                    writer.Add(tensor.Name, tensor.DType, tensor.Shape.AsSpan(), stream => stream.Write(bytes));
                    continue;
                }
                float[] values = tensor.ToFloat32();
                change?.Invoke(tensor.Name, values);
                writer.Add(tensor.Name, tensor.Shape.AsSpan(), values);
            }
        }
        writer.Save(path);
    }
}
