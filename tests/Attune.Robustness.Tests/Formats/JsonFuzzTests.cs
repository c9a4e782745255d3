using Attune.Formats;
using Attune.Robustness.Tests.Fuzzing;
using Xunit;

namespace Attune.Robustness.Tests.Formats;

public sealed class JsonFuzzTests
{
    private static readonly byte[] Seed = """
        { "model_type": "bert", "hidden_size": 32, "layer_norm_eps": 1e-12, "tie": true, "nothing": null,
          "id2label": { "0": "no", "1": "yes" }, "layers": [{ "size": 4 }, { "size": 8 }], "shape": [1, 2, 3] }
        """u8.ToArray();

    [Fact]
    public void DamagedConfigsAreRefusedCleanly() => ParserFuzzer.Run([Seed], static bytes =>
    {
        JsonFields fields = JsonFields.Parse(bytes, "config.json");
        _ = fields.String("model_type");
        _ = fields.Size("hidden_size");
        _ = fields.Float("layer_norm_eps");
        _ = fields.Bool("tie", false);
        _ = fields.IntOrNull("nothing");
        _ = fields.StringMapOrNull("id2label");
        foreach (JsonFields layer in fields.Children("layers")) _ = layer.Int("size", 1);
        _ = fields.IntArray("shape");
        _ = fields.UnreadKeys;
        _ = fields.Node.ToJsonString();
    });
}
