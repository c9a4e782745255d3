using Attune.Nn.Parameters;

namespace Attune.Backbones.Bert;

/// <summary>What BERT and the relatives that kept its names call their parameters.</summary>
internal static class BertNames
{
    private const string TiedBias = "cls.predictions.bias", UntiedBias = "cls.predictions.decoder.bias";

    /// <summary>What files hold that carries nothing of its own; which of the two biases counts depends on <c>tie_word_embeddings</c>.</summary>
    public static IReadOnlyList<string> Redundant { get; } = ["*embeddings.position_ids", "cls.predictions.decoder.weight", UntiedBias, TiedBias];

    /// <summary>The names of earlier files: there both biases were one, whether the tables were or not.</summary>
    public static IReadOnlyDictionary<string, string> Earlier { get; } = new Dictionary<string, string> { [UntiedBias] = TiedBias };

    /// <summary>Adds BERT's names to those that a relative has of its own, which come first.</summary>
    /// <param name="names">The relative's own.</param>
    /// <param name="body">What the names of the body start with.</param>
    /// <param name="scale">What the scale of a norm is called.</param>
    /// <param name="shift">What its shift is called.</param>
    /// <param name="tied">Whether the token table scores the vocabulary, too. Where another one does, the bias is that of its layer.</param>
    public static ParameterNames Add(ParameterNames names, string body, string scale = "weight", string shift = "bias", bool tied = true)
    {
        string layer = body + "encoder.layer.{n}.";
        Norm("backbone.embedding.norm", body + "embeddings.LayerNorm");
        Norm("backbone.layers.{n}.mixerNorm", layer + "attention.output.LayerNorm");
        Norm("backbone.layers.{n}.feedForwardNorm", layer + "output.LayerNorm");
        names["backbone.embedding.tokens"] = body + "embeddings.word_embeddings.weight";
        names["backbone.embedding.positions"] = body + "embeddings.position_embeddings.weight";
        names["backbone.embedding.types"] = body + "embeddings.token_type_embeddings.weight";
        names["backbone.layers.{n}.mixer.output.*"] = layer + "attention.output.dense.*";
        names["backbone.layers.{n}.mixer.*"] = layer + "attention.self.*";
        names["backbone.layers.{n}.feedForward.up.*"] = layer + "intermediate.dense.*";
        names["backbone.layers.{n}.feedForward.down.*"] = layer + "output.dense.*";
        names["backbone.pooler.dense.*"] = body + "pooler.dense.*";
        foreach (string head in (string[])["masked-lm", "causal-lm"])
        {
            Norm(head + ".norm", "cls.predictions.transform.LayerNorm");
            names[head + ".dense.*"] = "cls.predictions.transform.dense.*";
            names[head + ".table"] = "cls.predictions.decoder.weight";
            names[head + ".bias"] = tied ? TiedBias : UntiedBias;
        }
        names["sentence-pair.classifier.*"] = "cls.seq_relationship.*";
        names["sequence-classification.classifier.*"] = "classifier.*";
        names["token-classification.classifier.*"] = "classifier.*";
        names["multiple-choice.classifier.*"] = "classifier.*";
        names["question-answering.outputs.*"] = "qa_outputs.*";
        return names;

        void Norm(string path, string name)
        {
            names[path + ".weight"] = $"{name}.{scale}";
            names[path + ".bias"] = $"{name}.{shift}";
        }
    }
}
