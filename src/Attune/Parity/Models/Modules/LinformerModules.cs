using Attune.Formats;
using Attune.Nn.Mixers;
using Attune.Nn.Parameters;

namespace Attune.Parity.Models.Modules;

/// <summary>The attention of Linformers.</summary>
internal static class LinformerModules
{
    private const string Path = "backbone.part.";

    /// <summary>How each kind is built.</summary>
    public static IReadOnlyDictionary<string, Func<JsonFields, (GoldenModule Module, ParameterNames Names)>> Kinds { get; } =
        new Dictionary<string, Func<JsonFields, (GoldenModule Module, ParameterNames Names)>> { ["attention"] = Attention, ["lra_attention"] = LongRange };

    private static (GoldenModule Module, ParameterNames Names) Attention(JsonFields config) => (
        Module(
            new AttentionShape(config.Size("dim"), config.Size("heads"))
            {
                HeadWidth = config.Size("dim_head"),
                Bias = config.Bool("qkv_bias"),
                OutputBias = config.Bool("out_bias"),
            },
            new LinformerOptions(config.Size("seq_len"), config.Size("k"))
            {
                ValuesAreKeys = config.Bool("share_kv"),
                OneKeyHead = config.Bool("one_kv_head"),
            }),
        new ParameterNames
        {
            [Path + "query.*"] = "to_q.*",
            [Path + "key.*"] = "to_k.*",
            [Path + "value.*"] = "to_v.*",
            [Path + "output.*"] = "to_out.*",
            [Path + "shortenKeys"] = "proj_k",
            [Path + "shortenValues"] = "proj_v",
        });

    // The Long Range Arena's variant shortens keys and values of all heads by one matrix.
    private static (GoldenModule Module, ParameterNames Names) LongRange(JsonFields config) => (
        Module(
            new AttentionShape(config.Size("dim"), config.Size("heads")) { Bias = config.Bool("bias"), OutputBias = config.Bool("bias") },
            new LinformerOptions(config.Size("max_len"), config.Size("low_rank_features")) { SharedProjection = true }),
        new ParameterNames
        {
            [Path + "output.*"] = "out.*",
            [Path + "shortenKeys"] = "lr_kernel",
            [Path + "*"] = "*",
        });

    private static GoldenModule Module(AttentionShape shape, LinformerOptions options)
    {
        var attention = new LinformerAttention(shape, options);
        return new GoldenModule(attention, causal: false, (pass, input) => attention.Mix(pass, input.X, input.Context));
    }
}
