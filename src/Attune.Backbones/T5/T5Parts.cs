using Attune.Formats;
using Attune.Nn.Blocks;
using Attune.Nn.Contracts;
using Attune.Nn.Mixers;
using Attune.Nn.OutputHeads;
using Attune.Nn.Parameters;
using Attune.Tensors.Ops;

namespace Attune.Backbones.T5;

/// <summary>What a T5 configuration says, and the parts that are built from it.</summary>
internal sealed record T5Parts
{
    private const string GatedPrefix = "gated-";

    public required int Width { get; init; }

    public required int EncoderLayers { get; init; }

    public required int DecoderLayers { get; init; }

    private int Vocabulary { get; init; }

    private int Heads { get; init; }

    private int HeadWidth { get; init; }

    private int InnerWidth { get; init; }

    private int Buckets { get; init; }

    private int MaxDistance { get; init; }

    public bool Gated { get; private init; }

    private bool Tied { get; init; }

    private bool ScalesOutput { get; init; }

    private Activation Activation { get; init; }

    private float Dropout { get; init; }

    private float Epsilon { get; init; }

    public float Factor { get; private init; }

    /// <summary>What the weights of classifiers start from.</summary>
    public Initializer Initializer => Initializer.Normal(Factor / MathF.Sqrt(Width));

    public static T5Parts Read(JsonFields config, string activationKey = "feed_forward_proj")
    {
        int layers = config.Layers("num_layers");
        string projection = config.String(activationKey, "relu");
        bool gated = projection.StartsWith(GatedPrefix, StringComparison.Ordinal);
        string activation = gated ? projection[GatedPrefix.Length..] : projection;
        // "gated-gelu" has always meant the tanh approximation.
        if (gated && activation == "gelu")
            activation = "gelu_new";
        if (!ActivationNames.All.Contains(activation))
            throw config.Error(activationKey, "an activation, or gated- and an activation");
        int heads = config.Extent("num_heads"), headWidth = config.Extent("d_kv");
        if ((long)heads * headWidth > ConfigFields.MaxExtent)
            throw config.Error("d_kv", $"a width that makes at most {ConfigFields.MaxExtent} numbers in {heads} heads");
        return new T5Parts
        {
            Vocabulary = config.Extent("vocab_size"),
            Width = config.Extent("d_model"),
            EncoderLayers = layers,
            DecoderLayers = config.Layers("num_decoder_layers", layers),
            Heads = heads,
            HeadWidth = headWidth,
            InnerWidth = config.Extent("d_ff"),
            Buckets = config.Extent("relative_attention_num_buckets", 32),
            MaxDistance = config.Extent("relative_attention_max_distance", 128),
            Gated = gated,
            Tied = config.Bool("tie_word_embeddings", true),
            // Configurations of later days say it; those of earlier ones mean it by one table for both ends.
            ScalesOutput = config.Bool("scale_decoder_outputs", config.Bool("tie_word_embeddings", true)),
            Activation = ActivationNames.Parse(activation),
            Dropout = config.Fraction("dropout_rate", 0.1f),
            Epsilon = config.Epsilon("layer_norm_epsilon", 1e-6f),
            Factor = config.Deviation("initializer_factor", 1),
        };
    }

    /// <summary>One half of the model.</summary>
    /// <param name="layers">Its blocks.</param>
    /// <param name="decoder">Whether it reads the other half.</param>
    /// <param name="shared">The token table of the other half; null declares one.</param>
    /// <param name="feedForward">Makes the feed-forward of each block; null is T5's own.</param>
    public SequenceHalf Half(int layers, bool decoder, Parameter? shared, Func<int, IFeedForward>? feedForward = null)
    {
        feedForward ??= _ => FeedForward();
        var embedding = new TokenEmbedding(new EmbeddingShape(Vocabulary, Width)
        {
            Dropout = Dropout,
            SharedTokens = shared,
            Initializer = Initializer.Normal(Factor),
        });
        Block[] blocks = [.. Enumerable.Range(0, layers).Select(layer => decoder
            ? new Block(new SelfAttention(Attention), Norm(), new CrossAttention(Attention), Norm(), feedForward(layer), Norm(), NormPlacement.Before, Dropout)
            : new Block(new SelfAttention(Attention), Norm(), feedForward(layer), Norm(), NormPlacement.Before, Dropout))];
        var bias = new RelativePositionBias(
            Heads, Buckets, MaxDistance, bidirectional: !decoder, Initializer.Normal(Factor / MathF.Sqrt(Width)));
        return new SequenceHalf(embedding, new Stack(blocks, Norm()) { FinalDropout = Dropout }, bias);
    }

    public VocabularyHead LanguageModel(Parameter table)
    {
        Parameter output = OutputTable.Of(table, Tied, Initializer.Normal(Factor));
        return new VocabularyHead(HeadKind.SequenceToSequenceLm, output, Tied, bias: false) { Scale = ScalesOutput ? 1 / MathF.Sqrt(Width) : 1 };
    }

    private AttentionShape Attention => new(Width, Heads)
    {
        HeadWidth = HeadWidth,
        Scale = 1,
        Bias = false,
        OutputBias = false,
        Dropout = Dropout,
        Initializer = Initializer.Normal(Factor / MathF.Sqrt(Width)),
        OutputInitializer = Initializer.Normal(Factor / MathF.Sqrt(Heads * HeadWidth)),
    };

    /// <summary>The position-wise part of a block.</summary>
    public IFeedForward FeedForward() => Gated ? new GatedFeedForward(Up(), Up(), Down(), Activation, Dropout) : Plain();

    /// <summary>A feed-forward without a gate: also an expert among others.</summary>
    public FeedForward Plain() => new(Up(), Down(), Activation, Dropout);

    private Linear Up() => new(Width, InnerWidth, Initializer.Normal(Factor / MathF.Sqrt(Width)), bias: false);

    private Linear Down() => new(InnerWidth, Width, Initializer.Normal(Factor / MathF.Sqrt(InnerWidth)), bias: false);

    private Norm Norm() => new(Width, Epsilon, NormKind.RootMeanSquare);
}
