using Attune.Backbones.SpanBert;
using Attune.Formats;
using Attune.Nn.OutputHeads;
using Attune.Nn.Parameters;
using Attune.Tensors.Ops;

namespace Attune.Parity.Models.Modules;

/// <summary>SpanBERT's boundary head without a model around it: the output table is its own.</summary>
internal static class SpanBertModules
{
    /// <summary>How each kind is built.</summary>
    public static IReadOnlyDictionary<string, Func<JsonFields, (GoldenModule Module, ParameterNames Names)>> Kinds { get; } =
        new Dictionary<string, Func<JsonFields, (GoldenModule Module, ParameterNames Names)>> { ["sbo_head"] = Head };

    private static (GoldenModule Module, ParameterNames Names) Head(JsonFields config)
    {
        int width = config.Size("hidden_size");
        var shape = new BoundaryShape(
            width, config.Size("position_embedding_size"), config.Size("max_pair_targets"), (float)config.Float("layer_norm_eps"),
            ActivationNames.Parse(config.String("activation")));
        var table = new Parameter([config.Size("vocab_size"), width], Initializer.Zeros, ParameterRole.Embedding);
        // Its own call gives it what it reads.
        var module = new GoldenModule(new SpanBoundaryHead(shape, table, tied: false), causal: false, (_, input) => input.X);
        return (module, SpanBertFamily.NameBoundary(new ParameterNames(), "backbone.part.", ""));
    }
}
