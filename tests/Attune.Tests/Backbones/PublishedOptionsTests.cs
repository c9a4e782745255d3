using System.Text.Json.Nodes;
using Attune.Backbones;
using Attune.Backbones.Folders;
using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Nn.Parameters;
using Xunit;

namespace Attune.Tests.Backbones;

/// <summary>Options of published configurations: what is not supported is refused by name, and tables that are apart stay apart.</summary>
public sealed class PublishedOptionsTests : IDisposable
{
    private const string Bert = """{"model_type": "bert", "vocab_size": 40, "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8, "max_position_embeddings": 16}""";
    private const string Gpt2 = """{"model_type": "gpt2", "vocab_size": 40, "n_embd": 8, "n_layer": 1, "n_head": 2, "n_positions": 16}""";
    private const string GptNeo = """{"model_type": "gpt_neo", "vocab_size": 40, "hidden_size": 8, "num_layers": 2, "num_heads": 2, "max_position_embeddings": 16}""";
    private const string Bart = """{"model_type": "bart", "vocab_size": 40, "d_model": 8, "encoder_layers": 1, "decoder_layers": 1, "encoder_attention_heads": 2, "decoder_attention_heads": 2, "encoder_ffn_dim": 8, "decoder_ffn_dim": 8, "max_position_embeddings": 16}""";
    private const string DistilBert = """{"model_type": "distilbert", "vocab_size": 40, "dim": 8, "n_layers": 1, "n_heads": 2, "hidden_dim": 8, "max_position_embeddings": 16}""";
    private const string Switch = """{"model_type": "switch_transformers", "vocab_size": 40, "d_model": 8, "d_kv": 4, "d_ff": 8, "num_layers": 2, "num_heads": 2, "dense_act_fn": "relu"}""";
    private const string Linformer = """{"model_type": "linformer", "num_tokens": 40, "dim": 8, "seq_len": 16, "k": 4, "heads": 2, "depth": 1}""";

    private readonly string _folder = Directory.CreateTempSubdirectory("attune-options-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(Bert, "add_cross_attention", "true")]
    [InlineData(Bert, "position_embedding_type", "\"relative_key\"")]
    [InlineData(Gpt2, "add_cross_attention", "true")]
    [InlineData(GptNeo, "attention_types", "[[[\"global\"], 3]]")]
    [InlineData(GptNeo, "attention_types", "[[\"global\", 2]]")]
    [InlineData(Bart, "normalize_before", "true")]
    [InlineData(Bart, "normalize_embedding", "false")]
    [InlineData(Switch, "router_dtype", "\"bfloat16\"")]
    [InlineData(Linformer, "activation", "\"relu\"")]
    public void What_is_not_supported_is_refused_by_name(string config, string field, string value)
    {
        (IFamily family, JsonFields fields) = Config(config, field, value);
        Assert.Contains(field, Assert.Throws<AttuneFormatException>(() => family.Declare(fields, [])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("summary_type", "\"mean\"")]
    [InlineData("summary_use_proj", "false")]
    [InlineData("summary_activation", "\"tanh\"")]
    public void Choices_of_gpt_2_are_scored_as_published_or_refused(string field, string value)
    {
        (IFamily family, JsonFields fields) = Config(Gpt2, field, value);
        HeadRequest choices = new(HeadKind.MultipleChoice);
        Assert.Contains(field, Assert.Throws<AttuneFormatException>(() => family.Declare(fields, [choices])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Bert, "masked-lm", "cls.predictions.decoder.weight")]
    [InlineData(Gpt2, "causal-lm", "lm_head.weight")]
    [InlineData(Bart, "seq2seq-lm", "lm_head.weight")]
    [InlineData(DistilBert, "masked-lm", "vocab_projector.weight")]
    public void An_untied_output_has_a_table_of_its_own(string config, string head, string table)
    {
        HeadRequest request = new(new HeadKind(head));
        (IFamily family, JsonFields apart) = Config(config, "tie_word_embeddings", "false");
        Model untied = family.Declare(apart, [request]), tied = family.Declare(Config(config, "tie_word_embeddings", "true").Config, [request]);
        Assert.Contains(table, untied.NamedParameters().Select(p => p.Name));
        Assert.DoesNotContain(table, tied.NamedParameters().Select(p => p.Name));
        Assert.Equal(
            tied.Parameters().Sum(p => p.Parameter.Shape.Count) + 40 * 8, untied.Parameters().Sum(p => p.Parameter.Shape.Count));
    }

    [Theory]
    [InlineData("4.30.2", "model.shared.weight")]
    [InlineData("5.23.0", "model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight")]
    public void An_untied_bart_has_the_tables_of_its_version(string version, params string[] tables)
    {
        (IFamily family, JsonFields config) = Config(Bart, "tie_word_embeddings", "false");
        config.Node["transformers_version"] = version;
        IEnumerable<string> names = family.Declare(config, []).NamedParameters().Select(p => p.Name);
        Assert.Equal(tables, names.Where(n => n.EndsWith("embed_tokens.weight", StringComparison.Ordinal) || n == "model.shared.weight"));
    }

    [Fact]
    public void An_earlier_file_names_the_untied_bias_as_the_tied_one()
    {
        (IFamily family, JsonFields config) = Config(Bert, "tie_word_embeddings", "false");
        HeadRequest head = new(HeadKind.MaskedLm);
        Model model = family.Declare(config, [head]);
        model.Initialize(seed: 3);
        config.Node["architectures"] = new JsonArray("BertForMaskedLM");
        File.WriteAllText(Path.Combine(_folder, ModelFolder.ConfigName), config.Node.ToJsonString());
        var writer = new SafetensorsWriter(SafetensorsWriter.TransformersMetadata);
        foreach ((string name, Parameter parameter) in model.NamedParameters())
            WeightLoader.Add(writer, name == "cls.predictions.decoder.bias" ? "cls.predictions.bias" : name, parameter.Value);
        writer.Save(Path.Combine(_folder, WeightFile.SingleName));
        Model loaded = ModelFolder.Load(_folder, Catalog.Backbones.All).Model;
        Assert.Equal(model.NamedParameters().Select(p => p.Name), loaded.NamedParameters().Select(p => p.Name));
    }

    [Fact]
    public void Sinusoidal_positions_of_distilbert_start_as_sines_and_cosines()
    {
        (IFamily family, JsonFields config) = Config(DistilBert, "sinusoidal_pos_embds", "true");
        Model model = family.Declare(config, []);
        model.Initialize(seed: 1);
        ReadOnlySpan<float> table = model.NamedParameters().Single(p => p.Name == "distilbert.embeddings.position_embeddings.weight").Parameter.Value.Span;
        Assert.Equal([0, 1, 0, 1, 0, 1, 0, 1], table[..8].ToArray());
        Assert.Equal(Math.Sin(3), table[24], 1e-6);
        Assert.Equal(Math.Cos(3 / Math.Pow(10000, 0.25)), table[27], 1e-6);
    }

    [Fact]
    public void A_decoder_of_berts_kind_sees_nothing_that_follows()
    {
        (IFamily family, JsonFields config) = Config(Bert, "is_decoder", "true");
        Assert.True(family.Declare(config, []).Backbone.Capabilities.HasFlag(Capabilities.Causal));
    }

    private static (IFamily Family, JsonFields Config) Config(string config, string field, string value)
    {
        var node = (JsonObject)JsonNode.Parse(config)!;
        node[field] = JsonNode.Parse(value);
        return (Catalog.Backbones.Get((string)node["model_type"]!), new JsonFields(node, "config.json"));
    }
}
