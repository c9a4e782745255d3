using Attune.Nn.Parameters;
using Attune.Tensors.Ops;

namespace Attune.Nn.Blocks.Feedback;

/// <summary>The shape of a Feedback Transformer.</summary>
/// <param name="Width">The width of its rows.</param>
/// <param name="Heads">The number of heads.</param>
/// <param name="HeadWidth">The width of a head.</param>
/// <param name="InnerWidth">The width inside of its feed-forwards.</param>
/// <param name="Layers">The number of layers.</param>
/// <param name="Span">How many steps back the memory reaches; the step itself is not among them.</param>
public sealed record FeedbackShape(int Width, int Heads, int HeadWidth, int InnerWidth, int Layers, int Span)
{
    /// <summary>After so many steps gradients are cut; what is remembered stays.</summary>
    public int BlockSize { get; init; } = 64;

    /// <summary>Whether norms stand before the sublayers; otherwise after the residual sums.</summary>
    public bool PreNorm { get; init; } = true;

    /// <summary>Whether all layers read one memory, mixed from all of them; otherwise each remembers its own inputs.</summary>
    public bool Feedback { get; init; } = true;

    /// <summary>Whether layers share the maps to keys and values, and with <see cref="PreNorm"/> the norm before them.</summary>
    public bool SharedKeys { get; init; }

    /// <summary>Of the feed-forwards.</summary>
    public Activation Activation { get; init; } = Activation.Relu;

    /// <summary>The epsilon of the norms.</summary>
    public float Epsilon { get; init; } = 1e-5f;

    /// <summary>The dropout of attention and inside of feed-forwards.</summary>
    public float Dropout { get; init; }

    /// <summary>How far back attention learns to reach within the memory; null if it reads all of it.</summary>
    public AdaptiveSpanOptions? AdaptiveSpan { get; init; }

    /// <summary>The width of all heads together.</summary>
    public int AttentionWidth => Heads * HeadWidth;

    /// <summary>The number of memories.</summary>
    public int Memories => Feedback ? 1 : Layers;

    /// <summary>How many of them steps are added to: layers that share the maps to keys and values read the first one alone.</summary>
    internal int ReadMemories => SharedKeys ? 1 : Memories;

    /// <summary>What an output map of a sublayer starts from: smaller the deeper the stack.</summary>
    internal Initializer OutputInitializer(int inputs) =>
        Initializer.Uniform(1 / MathF.Sqrt(inputs) / (PreNorm ? MathF.Sqrt(2 * Layers) : 1));
}
