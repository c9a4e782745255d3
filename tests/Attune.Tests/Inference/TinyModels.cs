using System.Text.Json.Nodes;
using Attune.Backbones;
using Attune.Backbones.Folders;
using Attune.Formats;
using Attune.Nn.Contracts;

namespace Attune.Tests.Inference;

/// <summary>Small models with random weights and word tokenizers, saved as folders.</summary>
internal static class TinyModels
{
    public static readonly string[] Words =
        ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "stream", "is", "closed", "open", "file", "a", "reader", "reads", "lines", ".", "?"];

    /// <summary>Saves a BERT with the given head.</summary>
    public static void SaveBert(string folder, string architecture, HeadRequest head, params string[] labels)
    {
        var config = new JsonObject
        {
            ["model_type"] = "bert",
            ["architectures"] = new JsonArray(architecture),
            ["vocab_size"] = Words.Length,
            ["hidden_size"] = 16,
            ["num_hidden_layers"] = 2,
            ["num_attention_heads"] = 2,
            ["intermediate_size"] = 24,
            ["max_position_embeddings"] = 24,
            ["initializer_range"] = 0.5,
        };
        if (labels.Length > 0)
            ModelFolder.SetLabelNames(config, labels);
        Save(folder, config, [head]);
        File.WriteAllLines(Path.Combine(folder, "vocab.txt"), Words);
    }

    /// <summary>Saves an XLNet that predicts tokens from their places.</summary>
    public static void SaveXlnet(string folder)
    {
        var config = new JsonObject
        {
            ["model_type"] = "xlnet",
            ["architectures"] = new JsonArray("XLNetLMHeadModel"),
            ["vocab_size"] = Words.Length,
            ["d_model"] = 16,
            ["n_layer"] = 2,
            ["n_head"] = 2,
            ["d_inner"] = 24,
            ["initializer_range"] = 0.5,
        };
        Save(folder, config, [new HeadRequest(HeadKind.MaskedLm)]);
        File.WriteAllLines(Path.Combine(folder, "vocab.txt"), Words);
    }

    /// <summary>Saves a GPT-2 that continues texts.</summary>
    public static void SaveGpt(string folder)
    {
        var config = new JsonObject
        {
            ["model_type"] = "gpt2",
            ["architectures"] = new JsonArray("GPT2LMHeadModel"),
            ["vocab_size"] = Words.Length,
            ["n_embd"] = 16,
            ["n_layer"] = 2,
            ["n_head"] = 2,
            ["n_positions"] = 32,
            ["initializer_range"] = 0.5,
        };
        Save(folder, config, [new HeadRequest(HeadKind.CausalLm)]);
        SaveWordTokenizer(folder);
    }

    /// <summary>Saves a T5 that answers texts.</summary>
    public static void SaveT5(string folder)
    {
        var config = new JsonObject
        {
            ["model_type"] = "t5",
            ["architectures"] = new JsonArray("T5ForConditionalGeneration"),
            ["vocab_size"] = Words.Length,
            ["d_model"] = 16,
            ["d_kv"] = 8,
            ["d_ff"] = 24,
            ["num_layers"] = 2,
            ["num_heads"] = 2,
            ["decoder_start_token_id"] = 0,
            ["eos_token_id"] = 1,
            ["initializer_factor"] = 3.0,
        };
        Save(folder, config, [new HeadRequest(HeadKind.SequenceToSequenceLm)]);
        SaveWordTokenizer(folder);
    }

    private static void SaveWordTokenizer(string folder)
    {
        var vocabulary = new JsonObject();
        for (int id = 0; id < Words.Length; id++)
            vocabulary[Words[id]] = id;
        var tokenizer = new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = new JsonArray(),
            ["normalizer"] = null,
            ["pre_tokenizer"] = new JsonObject { ["type"] = "WhitespaceSplit" },
            ["post_processor"] = null,
            ["decoder"] = null,
            ["model"] = new JsonObject { ["type"] = "WordLevel", ["vocab"] = vocabulary, ["unk_token"] = "[UNK]" },
        };
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), tokenizer.ToJsonString());
    }

    private static void Save(string folder, JsonObject config, IReadOnlyList<HeadRequest> heads)
    {
        IFamily family = Catalog.Backbones.Get(config["model_type"]!.GetValue<string>());
        Model model = family.Build(new JsonFields(config, "config.json"), heads);
        model.Initialize(seed: 5);
        ModelFolder.Save(model, family, folder);
    }
}
