using System.Text.Json.Nodes;
using Attune.Backbones.Gpt2;
using Attune.Bench.Steps;
using Attune.Formats;
using Attune.Nn.Contracts;

namespace Attune.Bench.Generation;

/// <summary>A model of GPT-2 small's shape with random weights, loaded as one from disk is.</summary>
internal static class Gpt2Small
{
    private const int Vocabulary = 50257, Width = 768, InnerWidth = 3072, Layers = 12;

    /// <summary>The weights that one token reads: those of all products, the vocabulary's among them.</summary>
    public static long WeightsRead => (Layers * ((4L * Width * Width) + (2L * Width * InnerWidth))) + ((long)Vocabulary * Width);

    /// <summary>Builds it.</summary>
    public static Model Build()
    {
        var config = new JsonObject
        {
            ["model_type"] = "gpt2",
            ["vocab_size"] = Vocabulary,
            ["n_embd"] = Width,
            ["n_head"] = 12,
            ["n_layer"] = Layers,
            ["n_inner"] = InnerWidth,
            ["n_positions"] = 1024,
            ["activation_function"] = "gelu_new",
        };
        Model model = new Gpt2Family().Build(new JsonFields(config, "bench"), [new HeadRequest(HeadKind.CausalLm)]);
        model.InitializeFixed();
        return model;
    }
}
