using Attune.Formats;
using Attune.Nn.OutputHeads;
using Attune.Tensors.Ops;

namespace Attune.Backbones;

/// <summary>The keys that say how a sequence becomes one vector: <c>summary_type</c> and those beside it.</summary>
internal static class SummaryFields
{
    /// <summary>Reads them.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="fallback">The family's usual <c>summary_type</c>.</param>
    public static SummaryShape Summary(this JsonFields config, string fallback)
    {
        SummaryKind kind = config.String("summary_type", fallback) switch
        {
            // The place of a class token is never given, and the last one is taken then.
            "last" or "cls_index" => SummaryKind.Last,
            "first" => SummaryKind.First,
            "mean" => SummaryKind.Mean,
            _ => throw config.Error("summary_type", "last, first, mean or cls_index"),
        };
        return new SummaryShape(kind)
        {
            Projects = config.Bool("summary_use_proj", true),
            Activation = config.Has("summary_activation") ? config.Activation("summary_activation", "tanh") : Activation.None,
            FirstDropout = config.Fraction("summary_first_dropout", 0),
            LastDropout = config.Fraction("summary_last_dropout", 0),
        };
    }
}
