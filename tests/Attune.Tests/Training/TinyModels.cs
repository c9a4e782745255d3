using Attune.Backbones;
using Attune.Backbones.Bert;
using Attune.Backbones.Gpt2;
using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Tensors.Random;

namespace Attune.Tests.Training;

/// <summary>Real models, small enough for tests, and sequences that can be learned.</summary>
internal static class TinyModels
{
    public const int Vocabulary = 40;
    public const int FirstWord = 5;
    public const int MaskId = 4;
    public const int ClsId = 2;
    public const int SepId = 3;

    public static Model Bert(IReadOnlyList<HeadRequest> heads, ulong seed = 1, double dropout = 0.1, int layers = 2) => Build(
        new BertFamily(), heads, seed,
        $$"""
        {"model_type": "bert", "vocab_size": {{Vocabulary}}, "hidden_size": 16, "num_hidden_layers": {{layers}}, "num_attention_heads": 2,
         "intermediate_size": 32, "max_position_embeddings": 32, "type_vocab_size": 2, "hidden_act": "gelu",
         "hidden_dropout_prob": {{Number(dropout)}}, "attention_probs_dropout_prob": {{Number(dropout)}}}
        """);

    public static Model Gpt2(IReadOnlyList<HeadRequest> heads, ulong seed = 1, double dropout = 0.1) => Build(
        new Gpt2Family(), heads, seed,
        $$"""
        {"model_type": "gpt2", "vocab_size": {{Vocabulary}}, "n_embd": 16, "n_layer": 2, "n_head": 2, "n_positions": 32,
         "resid_pdrop": {{Number(dropout)}}, "embd_pdrop": {{Number(dropout)}}, "attn_pdrop": {{Number(dropout)}}}
        """);

    /// <summary>Sentences of the form [CLS] w w+1 w+2 ... [SEP]: every word follows from its neighbours.</summary>
    public static Example[] Counting(int count, int maxLength = 10)
    {
        var random = new RandomStream(11).Stream("sentences");
        return [.. Enumerable.Range(0, count).Select(e =>
        {
            int length = 4 + random.Below(2 * e, maxLength - 3), first = random.Below(2 * e + 1, Vocabulary - FirstWord);
            int[] ids = [ClsId, .. Enumerable.Range(first, length).Select(w => FirstWord + w % (Vocabulary - FirstWord)), SepId];
            return new Example
            {
                Ids = ids,
                Special = ids.Select(id => id < FirstWord).ToArray(),
                Words = ids.Select((id, i) => id < FirstWord ? -1 : i / 2).ToArray(),
                Label = first % 2,
                Value = first / (float)Vocabulary,
                TokenLabels = ids.Select(id => id < FirstWord ? Labels.Ignore : id % 3).ToArray(),
                Span = (1 + first % 2, 2 + first % 2),
            };
        })];
    }

    private static Model Build(IFamily family, IReadOnlyList<HeadRequest> heads, ulong seed, string config)
    {
        Model model = family.Build(JsonFields.Parse(System.Text.Encoding.UTF8.GetBytes(config), "config.json"), heads);
        model.Initialize(seed);
        return model;
    }

    private static string Number(double value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
