using Attune.Tensors;

namespace Attune.Bench.Steps;

/// <summary>The workloads that both sides know, by the peer's names; each in the precision of its products with weights.</summary>
internal static class Workloads
{
    private static readonly LanguageModelSize BertBase = new(30522, 768, 12, 3072, 12, 8, 128, Causal: false);

    public static IReadOnlyDictionary<string, Func<Precision, IWorkload>> All { get; } = new Dictionary<string, Func<Precision, IWorkload>>
    {
        ["bert-base-train-8x128"] = precision => new LanguageModelWorkload(BertBase, Labelling.All, precision),
        ["bert-base-mlm15-train-8x128"] = precision => new LanguageModelWorkload(BertBase, Labelling.Some, precision),
        ["bert-base-infer-8x128"] = precision => new LanguageModelWorkload(BertBase, Labelling.None, precision),
        ["bert-base-infer-1x32"] = precision => new LanguageModelWorkload(BertBase with { Sequences = 1, Length = 32 }, Labelling.None, precision),
        ["gpt-small-train-8x128"] = precision => new LanguageModelWorkload(new(8192, 256, 8, 1024, 4, 8, 128, Causal: true), Labelling.All, precision),
        ["gpt-tiny-train-16x64"] = precision => new LanguageModelWorkload(new(256, 128, 4, 512, 4, 16, 64, Causal: true), Labelling.All, precision),
        ["vit-tiny-train-8"] = precision => new VisionWorkload(8, precision),
        ["fpt-gpt2-base-train-4x120"] = precision => new FrozenTransformerWorkload(4, 120, precision),
        ["conv-encoder-512"] = precision => EncoderWorkload.Convolution(512, precision),
        ["conv-encoder-2048"] = precision => EncoderWorkload.Convolution(2048, precision),
        ["conv-encoder-4096"] = precision => EncoderWorkload.Convolution(4096, precision),
        ["attention-encoder-512"] = precision => EncoderWorkload.Attention(512, precision),
        ["attention-encoder-2048"] = precision => EncoderWorkload.Attention(2048, precision),
        ["attention-encoder-4096"] = precision => EncoderWorkload.Attention(4096, precision),
    };
}
