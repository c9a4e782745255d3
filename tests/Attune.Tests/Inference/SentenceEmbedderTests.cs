using System.Text.Json.Nodes;
using Attune.Formats;
using Attune.Inference;
using Attune.Nn.Contracts;
using Xunit;

namespace Attune.Tests.Inference;

/// <summary>Sentence vectors: every way of pooling, and what a folder may ask for.</summary>
public sealed class SentenceEmbedderTests : IDisposable
{
    private static readonly string[] Texts = ["the stream is closed .", "a reader", "is the file open ?"];

    private readonly string _folder = Directory.CreateTempSubdirectory("attune-embedder-").FullName;

    public SentenceEmbedderTests() => TinyModels.SaveBert(_folder, "BertForMaskedLM", new HeadRequest(HeadKind.MaskedLm));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("pooling_mode_mean_tokens")]
    [InlineData("pooling_mode_cls_token")]
    [InlineData("pooling_mode_max_tokens")]
    [InlineData("pooling_mode_mean_sqrt_len_tokens")]
    [InlineData("pooling_mode_lasttoken")]
    public void Vectors_do_not_depend_on_batching_and_have_length_one(string mode)
    {
        WriteModules(mode, normalize: true);
        SentenceEmbedder embedder = Pipelines.SentenceEmbedder(_folder);
        float[][] together = embedder.Embed(Texts);
        float[][] apart = Pipelines.SentenceEmbedder(_folder, new InferenceOptions { MaxTokensPerBatch = 1 }).Embed(Texts);
        for (int i = 0; i < Texts.Length; i++)
        {
            Assert.Equal(embedder.Width, together[i].Length);
            Assert.Equal(1, together[i].Sum(x => (double)x * x), 1e-5);
            for (int d = 0; d < embedder.Width; d++)
                Assert.Equal(together[i][d], apart[i][d], 1e-5f);
        }
    }

    [Fact]
    public void A_text_that_is_too_long_is_named_before_anything_is_computed()
    {
        SentenceEmbedder strict = Pipelines.SentenceEmbedder(_folder, new InferenceOptions { MaxTokensPerBatch = 1 });
        string[] texts = [Texts[0], string.Join(' ', Enumerable.Repeat("stream", 30)), Texts[1], string.Join(' ', Enumerable.Repeat("stream", 40))];
        float[] vectors = new float[texts.Length * strict.Width];
        string message = Assert.Throws<ArgumentException>(() => strict.Embed(texts, vectors)).Message;
        Assert.Contains("32 tokens", message, StringComparison.Ordinal);
        Assert.All(vectors, number => Assert.Equal(0, number));
    }

    [Fact]
    public void Poolings_differ_and_the_mean_is_a_mean()
    {
        float[] Vector(string mode)
        {
            WriteModules(mode, normalize: false);
            return Pipelines.SentenceEmbedder(_folder).Embed(Texts[0]);
        }
        float[] mean = Vector("pooling_mode_mean_tokens"), sum = Vector("pooling_mode_mean_sqrt_len_tokens"), largest = Vector("pooling_mode_max_tokens");
        // Five words, a full stop among them, and the two tokens around them.
        for (int d = 0; d < mean.Length; d++)
            Assert.Equal(mean[d] * Math.Sqrt(7), sum[d], 1e-4);
        Assert.All(mean.Zip(largest), pair => Assert.True(pair.First <= pair.Second + 1e-6f));
        Assert.NotEqual(Vector("pooling_mode_cls_token"), Vector("pooling_mode_lasttoken"));
    }

    [Fact]
    public void What_is_too_long_is_cut_at_the_sentence_models_own_limit()
    {
        WriteModules("pooling_mode_mean_tokens", normalize: true);
        File.WriteAllText(Path.Combine(_folder, "sentence_bert_config.json"), """{"max_seq_length": 6}""");
        SentenceEmbedder embedder = Pipelines.SentenceEmbedder(_folder);
        Assert.Equal(embedder.Embed("the stream is closed"), embedder.Embed("the stream is closed a reader reads lines"));
        SentenceEmbedder strict = Pipelines.SentenceEmbedder(_folder, new InferenceOptions { TooLong = TooLong.Error });
        Assert.Contains("at most 6", Assert.Throws<ArgumentException>(() => strict.Embed("the stream is closed .")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_module_that_is_not_known_is_refused()
    {
        WriteModules("pooling_mode_mean_tokens", normalize: false, extra: "sentence_transformers.models.Dense");
        Assert.Contains("Dense", Assert.Throws<AttuneFormatException>(() => Pipelines.SentenceEmbedder(_folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Exactly_one_pooling_is_on()
    {
        WriteModules("pooling_mode_nothing", normalize: false);
        Assert.Contains("exactly one", Assert.Throws<AttuneFormatException>(() => Pipelines.SentenceEmbedder(_folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Vectors_need_their_places() => Assert.Contains(
        "places", Assert.Throws<ArgumentException>(() => Pipelines.SentenceEmbedder(_folder).Embed(Texts, new float[3])).Message, StringComparison.Ordinal);

    private void WriteModules(string mode, bool normalize, string? extra = null)
    {
        JsonObject Module(string type, string path) => new() { ["type"] = type, ["path"] = path };
        JsonArray modules = [Module("sentence_transformers.models.Transformer", ""), Module("sentence_transformers.models.Pooling", "1_Pooling")];
        if (normalize)
            modules.Add(Module("sentence_transformers.models.Normalize", "2_Normalize"));
        if (extra is not null)
            modules.Add(Module(extra, "3"));
        File.WriteAllText(Path.Combine(_folder, "modules.json"), modules.ToJsonString());
        Directory.CreateDirectory(Path.Combine(_folder, "1_Pooling"));
        File.WriteAllText(Path.Combine(_folder, "1_Pooling", "config.json"), new JsonObject { [mode] = true }.ToJsonString());
    }
}
