namespace Attune.Bench.Steps;

/// <summary>The workloads that both sides know, by the peer's names.</summary>
internal static class Workloads
{
    private static readonly LanguageModelSize BertBase = new(30522, 768, 12, 3072, 12, 8, 128, Causal: false);

    public static IReadOnlyDictionary<string, Func<IWorkload>> All { get; } = new Dictionary<string, Func<IWorkload>>
    {
        ["bert-base-train-8x128"] = () => new LanguageModelWorkload(BertBase, Labelling.All),
        ["bert-base-mlm15-train-8x128"] = () => new LanguageModelWorkload(BertBase, Labelling.Some),
        ["bert-base-infer-8x128"] = () => new LanguageModelWorkload(BertBase, Labelling.None),
        ["bert-base-infer-1x32"] = () => new LanguageModelWorkload(BertBase with { Sequences = 1, Length = 32 }, Labelling.None),
        ["gpt-small-train-8x128"] = () => new LanguageModelWorkload(new(8192, 256, 8, 1024, 4, 8, 128, Causal: true), Labelling.All),
        ["gpt-tiny-train-16x64"] = () => new LanguageModelWorkload(new(256, 128, 4, 512, 4, 16, 64, Causal: true), Labelling.All),
        ["vit-tiny-train-8"] = () => new VisionWorkload(8),
        ["fpt-gpt2-base-train-4x120"] = () => new FrozenTransformerWorkload(4, 120),
        ["conv-encoder-512"] = () => EncoderWorkload.Convolution(512),
        ["conv-encoder-2048"] = () => EncoderWorkload.Convolution(2048),
        ["conv-encoder-4096"] = () => EncoderWorkload.Convolution(4096),
        ["attention-encoder-512"] = () => EncoderWorkload.Attention(512),
        ["attention-encoder-2048"] = () => EncoderWorkload.Attention(2048),
        ["attention-encoder-4096"] = () => EncoderWorkload.Attention(4096),
    };
}
