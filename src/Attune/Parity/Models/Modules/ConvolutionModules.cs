using Attune.Backbones.LightConv;
using Attune.Formats;
using Attune.Nn.Blocks;
using Attune.Nn.Mixers;
using Attune.Nn.Parameters;
using Attune.Tensors.Ops;

namespace Attune.Parity.Models.Modules;

/// <summary>Convolutions and layers of LightConv and DynamicConv.</summary>
internal static class ConvolutionModules
{
    private const string Path = "backbone.part.";

    /// <summary>How each kind is built.</summary>
    public static IReadOnlyDictionary<string, Func<JsonFields, (GoldenModule Module, ParameterNames Names)>> Kinds { get; } =
        new Dictionary<string, Func<JsonFields, (GoldenModule Module, ParameterNames Names)>>
        {
            ["conv_module"] = Convolution,
            ["encoder_layer"] = config => Layer(config, decoder: false),
            ["decoder_layer"] = config => Layer(config, decoder: true),
        };

    private static (GoldenModule Module, ParameterNames Names) Convolution(JsonFields config)
    {
        bool causal = config.Bool("causal"), dynamic = IsDynamic(config);
        int channels = config.Size("input_size");
        var shape = new ConvolutionShape(channels, config.Size("num_heads"), config.Size("kernel_size"))
        {
            Softmax = config.Bool("weight_softmax"),
            Bias = config.Bool(dynamic ? "conv_bias" : "bias"),
        };
        var names = new ParameterNames { [Path + "convolution.bias"] = dynamic ? "conv_bias" : "bias" };
        LightConvFamily.NameConvolution(names, Path + "convolution.", "");
        if (!dynamic)
            return (Mixed(new LightweightConvolution(shape, middleAxis: true), causal), names);
        bool projects = config.Bool("in_proj");
        var convolution = new DynamicConvolution(shape, new DynamicKernelOptions
        {
            PredictorBias = config.Bool("kernel_bias") || projects,
            QueryWidth = config.Size("query_size"),
            ProjectsInput = projects,
            Selection = config.Bool("renorm_padding") ? TapSelection.InsideSequence
                : config.String("path") == "unfolded" ? TapSelection.CutToLength : TapSelection.All,
        });
        return (Mixed(convolution, causal), names);
    }

    private static GoldenModule Mixed(ISequenceConvolution convolution, bool causal)
    {
        var mixer = new ConvolutionMixer(convolution);
        return new GoldenModule(mixer, causal, (pass, input) => input.Query is { } query && convolution is DynamicConvolution dynamic
            ? dynamic.Convolve(pass.Tape, input.X, query, input.Context.Segments, causal)
            : mixer.Mix(pass, input.X, input.Context));
    }

    private static (GoldenModule Module, ParameterNames Names) Layer(JsonFields config, bool decoder)
    {
        Block block = LightConvFamily.Layer(config, config.Size("embed_dim"), config.Size("kernel_size"), IsDynamic(config), decoder);
        return (new GoldenModule(block, decoder, (pass, input) => block.Forward(pass, input.X, input.Context)),
            LightConvFamily.NameLayer(new ParameterNames(), Path, "", decoder));
    }

    private static bool IsDynamic(JsonFields config) => config.String("conv_type") == "dynamic";
}
