using Attune.Nn.Parameters;
using Attune.Tensors.Ops;

namespace Attune.Nn.Mixers;

/// <summary>The shape of a multi-head attention.</summary>
/// <param name="Width">The width of its input and output.</param>
/// <param name="Heads">The number of heads.</param>
public sealed record AttentionShape(int Width, int Heads)
{
    /// <summary>The width of one head; by default the heads divide the width.</summary>
    public int HeadWidth { get; init; } = Width / Heads;

    /// <summary>What scores are multiplied with; null is 1 / sqrt(head width).</summary>
    public float? Scale { get; init; }

    /// <summary>Dropout of the probabilities.</summary>
    public float Dropout { get; init; }

    /// <summary>Whether the projections have biases.</summary>
    public bool Bias { get; init; } = true;

    /// <summary>Whether the output projection has one.</summary>
    public bool OutputBias { get; init; } = true;

    /// <summary>The width of the rows that keys and values come from, where it is another (cross-attention).</summary>
    public int SourceWidth { get; init; } = Width;

    /// <summary>Whether queries, keys and values come from one matrix (GPT), side by side.</summary>
    public bool Packed { get; init; }

    /// <summary>How weights are stored.</summary>
    public WeightLayout Layout { get; init; }

    /// <summary>How many positions back a query sees, itself included; null is all (GPT-Neo's local layers).</summary>
    public int? Window { get; init; }

    /// <summary>What the projections start from.</summary>
    public Initializer Initializer { get; init; } = Initializer.Normal(0.02f);

    /// <summary>What the output projection starts from; null is as the others.</summary>
    public Initializer? OutputInitializer { get; init; }

    /// <summary>The width of all heads together.</summary>
    public int InnerWidth => Heads * HeadWidth;

    /// <summary>What scores are multiplied with.</summary>
    public float ScoreScale => Scale ?? 1 / MathF.Sqrt(HeadWidth);
}
