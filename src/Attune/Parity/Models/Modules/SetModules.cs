using Attune.Backbones.SetTransformer;
using Attune.Formats;
using Attune.Nn.Blocks.Sets;
using Attune.Nn.Parameters;

namespace Attune.Parity.Models.Modules;

/// <summary>The blocks of Set Transformers. <see cref="SetCall"/> gives them what they read.</summary>
internal static class SetModules
{
    private const string Path = "backbone.part.";

    /// <summary>How each kind is built.</summary>
    public static IReadOnlyDictionary<string, Func<JsonFields, (GoldenModule Module, ParameterNames Names)>> Kinds { get; } =
        new Dictionary<string, Func<JsonFields, (GoldenModule Module, ParameterNames Names)>>
        {
            ["mab"] = config => (
                Module(new SetAttention(new SetShape(config.Size("dim_q"), config.Size("dim_k"), config.Size("dim_v"), config.Size("num_heads"), config.Bool("layer_norm")))),
                SetTransformerFamily.NameAttention(new ParameterNames(), Path, "")),
            ["sab"] = config => Block(new SetSelfAttention(
                config.Size("dim_in"), config.Size("dim_out"), config.Size("num_heads"), config.Bool("layer_norm"))),
            ["isab"] = config => Block(new InducedSetAttention(
                config.Size("dim_in"), config.Size("dim_out"), config.Size("num_heads"), config.Size("num_inds"), config.Bool("layer_norm"))),
            ["pma"] = config => Block(new SetPooling(
                config.Size("dim"), config.Size("num_heads"), config.Size("num_seeds"), config.Bool("layer_norm"))),
        };

    private static (GoldenModule Module, ParameterNames Names) Block(IModule block) =>
        (Module(block), SetTransformerFamily.NameBlock(new ParameterNames(), Path, ""));

    private static GoldenModule Module(IModule part) => new(part, causal: false, (_, input) => input.X);
}
