using Attune.Formats;
using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Mixers;
using Attune.Nn.OutputHeads;
using Attune.Nn.Parameters;
using Attune.Tensors.Ops;

namespace Attune.Backbones;

/// <summary>
/// The encoder that BERT and its relatives share: bidirectional attention, norms after the residual sums, learned positions.
/// A family fills in what its configuration says; what all of them build from it is here.
/// </summary>
internal sealed record PostNormEncoder
{
    private const string PositionsKey = "position_embedding_type";

    public required int Vocabulary { get; init; }

    public required int Width { get; init; }

    /// <summary>The width of the embedding tables; where it is not the model's, a projection follows them.</summary>
    public required int EmbeddingWidth { get; init; }

    public required int Layers { get; init; }

    public required int Heads { get; init; }

    /// <summary>The heads that were cut out of a layer.</summary>
    public IReadOnlyDictionary<int, IReadOnlyList<int>> PrunedHeads { get; init; } = new Dictionary<int, IReadOnlyList<int>>();

    public required int InnerWidth { get; init; }

    public required int Positions { get; init; }

    public int PositionOffset { get; init; }

    /// <summary>What the position table starts from; null is as the others.</summary>
    public Initializer? PositionInitializer { get; init; }

    public bool PaddingHasNoPosition { get; init; }

    /// <summary>Whether a projection follows the embedding even where the widths are equal (ALBERT).</summary>
    public bool AlwaysProjects { get; init; }

    public int Types { get; init; }

    public int Tasks { get; init; }

    public int? PaddingId { get; init; }

    public required Activation Activation { get; init; }

    public required float Epsilon { get; init; }

    public required float Dropout { get; init; }

    public required float AttentionDropout { get; init; }

    public required float ClassifierDropout { get; init; }

    public required float Deviation { get; init; }

    public required bool Tied { get; init; }

    /// <summary>Whether a position must not see what follows it: the encoder of one that writes (<c>is_decoder</c>).</summary>
    public bool Causal { get; init; }

    public Initializer Initializer => Initializer.Normal(Deviation);

    /// <summary>Reads the keys that BERT, RoBERTa, ELECTRA and ERNIE have in common.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="layers">The number of layers, where another key says it.</param>
    public static PostNormEncoder Read(JsonFields config, int? layers = null)
    {
        int width = config.Extent("hidden_size"), depth = layers ?? config.Layers("num_hidden_layers"), heads = config.Heads("num_attention_heads", width);
        float dropout = config.Fraction("hidden_dropout_prob", 0.1f);
        if (config.Bool("add_cross_attention", false))
            throw config.Error("add_cross_attention", "false", "These models read no other one.");
        if (config.String(PositionsKey, "absolute") != "absolute")
            throw config.Error(PositionsKey, "absolute", "Scores by distances were given up by the reference, too.");
        return new PostNormEncoder
        {
            Vocabulary = config.Extent("vocab_size"),
            Width = width,
            EmbeddingWidth = width,
            Layers = depth,
            Heads = heads,
            PrunedHeads = config.PrunedHeads(depth, heads),
            InnerWidth = config.Extent("intermediate_size"),
            Positions = config.Extent("max_position_embeddings"),
            Types = config.Int("type_vocab_size", 2),
            PaddingId = config.TokenId("pad_token_id"),
            Activation = config.Activation(config.Has("hidden_act") ? "hidden_act" : "activation", "gelu"),
            Epsilon = config.Epsilon("layer_norm_eps", 1e-12f),
            Dropout = dropout,
            AttentionDropout = config.Fraction("attention_probs_dropout_prob", 0.1f),
            ClassifierDropout = config.FractionOrNull("classifier_dropout") ?? dropout,
            Deviation = config.Deviation("initializer_range", 0.02f),
            Tied = config.Bool("tie_word_embeddings", true),
            Causal = config.Bool("is_decoder", false),
        };
    }

    public TokenEmbedding Embedding(TokenEmbedding? shared = null) => new(new EmbeddingShape(Vocabulary, EmbeddingWidth)
    {
        Shared = shared,
        Positions = Positions,
        PositionOffset = PositionOffset,
        PositionInitializer = PositionInitializer,
        PaddingHasNoPosition = PaddingHasNoPosition,
        Types = Types,
        Tasks = Tasks,
        PaddingId = PaddingId,
        NormEpsilon = Epsilon,
        Dropout = Dropout,
        ProjectedWidth = EmbeddingWidth == Width && !AlwaysProjects ? null : Width,
        Initializer = Initializer,
    });

    public ISequenceMixer Mixer(int layer = 0) => SelfAttention(layer);

    public SelfAttention SelfAttention(int layer = 0) => new(new AttentionShape(Width, Heads)
    {
        HeadWidth = Width / Heads,
        Heads = Heads - (PrunedHeads.GetValueOrDefault(layer)?.Count ?? 0),
        Dropout = AttentionDropout,
        Initializer = Initializer,
    });

    public FeedForward FeedForward() =>
        new(new Linear(Width, InnerWidth, Initializer), new Linear(InnerWidth, Width, Initializer), Activation);

    /// <summary>A block over parts that other blocks may share.</summary>
    public Block Block(ISequenceMixer mixer, IFeedForward feedForward) =>
        new(mixer, new Norm(Width, Epsilon), feedForward, new Norm(Width, Epsilon), NormPlacement.After, Dropout);

    public Stack Stack() => new([.. Enumerable.Range(0, Layers).Select(layer => Block(Mixer(layer), FeedForward()))]);

    /// <summary>Embedding and stack, with a pooler if a head reads it or there is no head at all.</summary>
    public StackBackbone Backbone(TokenEmbedding embedding, Stack stack, IReadOnlyList<HeadRequest> heads, bool hasPooler = true)
    {
        bool pooled = hasPooler && NeedsPooler(heads);
        return new StackBackbone(Width, embedding, stack, Causal, pooled ? new Pooler(Width, Initializer) : null);
    }

    /// <summary>Whether a head scores the vocabulary.</summary>
    public static bool ScoresTokens(HeadKind kind) => kind == HeadKind.MaskedLm || kind == HeadKind.CausalLm;

    /// <summary>The head of language models: dense layer, activation, norm, table and bias.</summary>
    public VocabularyHead LanguageModel(HeadKind kind, TokenEmbedding embedding, Activation? activation = null) => new(
        kind, OutputTable.Of(embedding.Tokens, Tied, Initializer), Tied, bias: true,
        new Linear(Width, EmbeddingWidth, Initializer), activation ?? Activation, new Norm(EmbeddingWidth, Epsilon));

    /// <summary>The heads that most relatives have in the same form; null for any other.</summary>
    public IHead? CommonHead(HeadRequest request) => request.Kind switch
    {
        var kind when kind == HeadKind.SentencePair => new PooledClassificationHead(kind, Width, 2, 0, Initializer),
        var kind when kind == HeadKind.SequenceClassification =>
            new PooledClassificationHead(kind, Width, request.Classes, ClassifierDropout, Initializer),
        var kind when kind == HeadKind.MultipleChoice => new PooledClassificationHead(kind, Width, 1, ClassifierDropout, Initializer),
        var kind when kind == HeadKind.TokenClassification =>
            new TokenClassificationHead(Width, request.Classes, ClassifierDropout, Initializer),
        var kind when kind == HeadKind.QuestionAnswering => new SpanHead(Width, Initializer),
        _ => null,
    };

    /// <summary>Whether there is a pooler: where a head reads it, or there is no head at all.</summary>
    public static bool NeedsPooler(IReadOnlyList<HeadRequest> heads) => heads.Count == 0 || heads.Any(h => ReadsPooler(h.Kind));

    /// <summary>Whether a common head reads the pooler, so that a family without one cannot have it.</summary>
    public static bool ReadsPooler(HeadKind kind) =>
        kind == HeadKind.SentencePair || kind == HeadKind.SequenceClassification || kind == HeadKind.MultipleChoice;
}
