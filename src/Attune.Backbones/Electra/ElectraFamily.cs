using Attune.Formats;
using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.OutputHeads;
using Attune.Nn.Parameters;
using Attune.Tensors.Ops;

namespace Attune.Backbones.Electra;

/// <summary>
/// ELECTRA (Clark et al. 2020, arXiv:2003.10555): BERT's encoder behind narrower embeddings, as generator (masked LM) or as
/// discriminator (replaced tokens).
/// </summary>
public sealed class ElectraFamily : IFamily
{
    /// <inheritdoc/>
    public string ModelType => "electra";

    /// <inheritdoc/>
    public Capabilities Capabilities => Capabilities.Bidirectional | Capabilities.Tokens | Capabilities.ReplaceableEmbeddings | Capabilities.FreeMask;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, IReadOnlyList<HeadKind>> Architectures { get; } = new Dictionary<string, IReadOnlyList<HeadKind>>
    {
        ["ElectraModel"] = [],
        ["ElectraForMaskedLM"] = [HeadKind.MaskedLm],
        ["ElectraForCausalLM"] = [HeadKind.CausalLm],
        ["ElectraForPreTraining"] = [HeadKind.ReplacedToken],
        // The reference keeps the generator in a folder of its own; together they go on training.
        ["ElectraForPreTrainingWithGenerator"] = [HeadKind.ReplacedToken, HeadKind.Generator],
        ["ElectraForAdversarialPreTraining"] = [HeadKind.ReplacedToken, HeadKind.Generator, HeadKind.GeneratorBaseline],
        ["ElectraForSequenceClassification"] = [HeadKind.SequenceClassification],
        ["ElectraForTokenClassification"] = [HeadKind.TokenClassification],
        ["ElectraForQuestionAnswering"] = [HeadKind.QuestionAnswering],
        ["ElectraForMultipleChoice"] = [HeadKind.MultipleChoice],
    };

    /// <inheritdoc/>
    public string BodyPrefix => "electra.";

    /// <inheritdoc/>
    public IReadOnlyList<string> Redundant { get; } = ["*embeddings.position_ids", "generator_lm_head.weight"];

    /// <inheritdoc/>
    public Model Build(JsonFields config, IReadOnlyList<HeadRequest> heads)
    {
        PostNormEncoder encoder = PostNormEncoder.Read(config);
        encoder = encoder with { EmbeddingWidth = config.Extent("embedding_size", 128) };
        TokenEmbedding embedding = encoder.Embedding();
        StackBackbone backbone = encoder.Backbone(embedding, encoder.Stack(), heads, hasPooler: false);
        IHead Head(HeadRequest request) => request.Kind switch
        {
            var kind when PostNormEncoder.ScoresTokens(kind) => encoder.LanguageModel(kind, embedding, Activation.Gelu),
            var kind when kind == HeadKind.ReplacedToken => new ReplacedTokenHead(encoder.Width, encoder.Activation, encoder.Initializer),
            var kind when kind == HeadKind.Generator => Generator(config, Small(config, encoder), embedding),
            var kind when kind == HeadKind.GeneratorBaseline => new GeneratorBaselineHead(Small(config, encoder).Width, encoder.Initializer),
            var kind when kind == HeadKind.SequenceClassification => new FirstTokenClassificationHead(
                encoder.Width, request.Classes, Activation.Gelu, encoder.ClassifierDropout, dropsInput: true, encoder.Initializer),
            var kind when kind == HeadKind.MultipleChoice => new SummaryHead(kind, encoder.Width, 1, config.Summary("first"), encoder.Initializer),
            var kind when PostNormEncoder.ReadsPooler(kind) => throw UnknownHead.Of(this, kind),
            _ => encoder.CommonHead(request) ?? throw UnknownHead.Of(this, request.Kind),
        };
        return new Model(backbone, heads.Select(Head), Names, config.Node);
    }

    // The keys are those of the original's training program.
    private static PostNormEncoder Small(JsonFields config, PostNormEncoder encoder)
    {
        double share = config.Float("generator_hidden_size", 0.25), layers = config.Float("generator_layers", 1);
        if (share is not (> 0 and <= 1))
            throw config.Error("generator_hidden_size", "a share of the model's width, above 0 and at most 1");
        if (layers is not (> 0 and <= 1))
            throw config.Error("generator_layers", "a share of the model's layers, above 0 and at most 1");
        int heads = Math.Max(1, (int)Math.Round(encoder.Heads * share)), headWidth = encoder.Width / encoder.Heads;
        return encoder with
        {
            Width = heads * headWidth,
            Heads = heads,
            InnerWidth = Math.Max(1, (int)Math.Round(encoder.InnerWidth * share)),
            Layers = Math.Max(1, (int)Math.Round(encoder.Layers * layers)),
        };
    }

    private static GeneratorHead Generator(JsonFields config, PostNormEncoder generator, TokenEmbedding embedding)
    {
        TokenEmbedding own = generator.Embedding(config.Bool("shared_embeddings", true) ? embedding : null);
        return new GeneratorHead(generator.Backbone(own, generator.Stack(), [], hasPooler: false), generator.LanguageModel(HeadKind.MaskedLm, own, Activation.Gelu));
    }

    private static readonly ParameterNames Names = Naming();

    // The generator's parameters are called as those of a model of its own, below a prefix.
    private static ParameterNames Naming()
    {
        var names = new ParameterNames
        {
            ["replaced-token.dense.*"] = "discriminator_predictions.dense.*",
            ["replaced-token.prediction.*"] = "discriminator_predictions.dense_prediction.*",
            ["generator-baseline.score.*"] = "generator_baseline.*",
            ["sequence-classification.dense.*"] = "classifier.dense.*",
            ["sequence-classification.output.*"] = "classifier.out_proj.*",
            ["multiple-choice.summary.*"] = "sequence_summary.summary.*",
            ["multiple-choice.output.*"] = "classifier.*",
            ["token-classification.classifier.*"] = "classifier.*",
            ["question-answering.outputs.*"] = "qa_outputs.*",
        };
        foreach ((string own, string[] outputs) in (ReadOnlySpan<(string, string[])>)[("", ["masked-lm.", "causal-lm."]), ("generator.", ["generator.output."])])
        {
            names[own + "backbone.embedding.projection.*"] = own + "electra.embeddings_project.*";
            names[own + "backbone.embedding.tokens"] = own + "electra.embeddings.word_embeddings.weight";
            names[own + "backbone.embedding.positions"] = own + "electra.embeddings.position_embeddings.weight";
            names[own + "backbone.embedding.types"] = own + "electra.embeddings.token_type_embeddings.weight";
            names[own + "backbone.embedding.norm.*"] = own + "electra.embeddings.LayerNorm.*";
            names[own + "backbone.layers.{n}.mixer.output.*"] = own + "electra.encoder.layer.{n}.attention.output.dense.*";
            names[own + "backbone.layers.{n}.mixer.*"] = own + "electra.encoder.layer.{n}.attention.self.*";
            names[own + "backbone.layers.{n}.mixerNorm.*"] = own + "electra.encoder.layer.{n}.attention.output.LayerNorm.*";
            names[own + "backbone.layers.{n}.feedForward.up.*"] = own + "electra.encoder.layer.{n}.intermediate.dense.*";
            names[own + "backbone.layers.{n}.feedForward.down.*"] = own + "electra.encoder.layer.{n}.output.dense.*";
            names[own + "backbone.layers.{n}.feedForwardNorm.*"] = own + "electra.encoder.layer.{n}.output.LayerNorm.*";
            foreach (string output in outputs)
            {
                names[output + "dense.*"] = own + "generator_predictions.dense.*";
                names[output + "norm.*"] = own + "generator_predictions.LayerNorm.*";
                names[output + "table"] = own + "generator_lm_head.weight";
                names[output + "bias"] = own + "generator_lm_head.bias";
            }
        }
        return names;
    }
}
