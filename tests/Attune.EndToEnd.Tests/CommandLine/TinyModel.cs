using System.Text.Json.Nodes;
using Attune.Backbones.Folders;
using Attune.Formats;

namespace Attune.EndToEnd.Tests.CommandLine;

/// <summary>Model folders of a few kilobytes, with random weights and a vocabulary of a dozen words.</summary>
internal static class TinyModel
{
    /// <summary>How many tokens the models take.</summary>
    public const int MaxLength = 8;

    private static readonly string[] Words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "stream", "##s", "flow", "is", "long", "."];

    /// <summary>Writes a BERT of an architecture.</summary>
    public static void Bert(string folder, string architecture, int labels = 2) => Write(folder, new JsonObject
    {
        ["model_type"] = "bert",
        ["architectures"] = new JsonArray(architecture),
        ["vocab_size"] = Words.Length,
        ["hidden_size"] = 8,
        ["num_hidden_layers"] = 1,
        ["num_attention_heads"] = 2,
        ["intermediate_size"] = 16,
        ["max_position_embeddings"] = MaxLength,
        ["id2label"] = new JsonObject(Enumerable.Range(0, labels).Select(id => KeyValuePair.Create<string, JsonNode?>($"{id}", $"class {id}"))),
    });

    /// <summary>Writes a GPT-2.</summary>
    public static void Gpt2(string folder) => Write(folder, new JsonObject
    {
        ["model_type"] = "gpt2",
        ["architectures"] = new JsonArray("GPT2LMHeadModel"),
        ["vocab_size"] = Words.Length,
        ["n_embd"] = 8,
        ["n_layer"] = 1,
        ["n_head"] = 2,
        ["n_positions"] = MaxLength,
    });

    private static void Write(string folder, JsonObject config)
    {
        JsonFields fields = new(config, ModelFolder.ConfigName);
        var family = ModelFolder.FamilyOf(fields, Catalog.Backbones.All);
        var model = family.Build(fields, ModelFolder.HeadsOf(fields, family));
        model.Initialize(seed: 1);
        ModelFolder.Save(model, family, folder);
        File.WriteAllLines(Path.Combine(folder, "vocab.txt"), Words);
        File.WriteAllText(Path.Combine(folder, "tokenizer_config.json"), """{"tokenizer_class": "BertTokenizer", "do_lower_case": true}""");
    }
}
