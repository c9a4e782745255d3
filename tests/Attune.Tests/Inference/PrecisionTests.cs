using System.Text.Json;
using Attune.Backbones.Folders;
using Attune.Formats;
using Attune.Inference;
using Attune.Inference.Generation;
using Attune.Nn.Contracts;
using Attune.Tensors;
using Attune.Tests.Architecture;
using Xunit;

namespace Attune.Tests.Inference;

/// <summary>Pipelines in every precision.</summary>
public sealed class PrecisionTests : IDisposable
{
    private static readonly string[] Texts = ["the stream is closed .", "a reader", "is the file open ?"];

    private readonly string _folder = Directory.CreateTempSubdirectory("attune-precision-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(Precision.BFloat16, 0.999)]
    [InlineData(Precision.Int8, 0.99)]
    public void Vectors_hardly_turn(Precision precision, double cosine)
    {
        TinyModels.SaveBert(_folder, "BertForMaskedLM", new HeadRequest(HeadKind.MaskedLm));
        float[][] exact = Pipelines.SentenceEmbedder(_folder).Embed(Texts);
        SentenceEmbedder embedder = Pipelines.SentenceEmbedder(_folder, new InferenceOptions { Precision = precision });
        float[][] vectors = embedder.Embed(Texts);
        for (int i = 0; i < Texts.Length; i++)
        {
            Assert.NotEqual(exact[i], vectors[i]);
            Assert.True(Cosine.Similarity(exact[i], vectors[i]) >= cosine, $"{precision}: the cosine of text {i} is {Cosine.Similarity(exact[i], vectors[i])}.");
        }
        Assert.Equal(vectors, embedder.Embed(Texts));
    }

    [Theory]
    [InlineData(Precision.BFloat16)]
    [InlineData(Precision.Int8)]
    public void Generation_agrees_with_and_without_cache(Precision precision)
    {
        TinyModels.SaveGpt(_folder);
        Model model = Pipelines.Open(_folder).Model;
        int[] Continue(bool useCache) =>
            [.. new TokenGenerator(model, precision).Stream([5, 6, 7], new GenerationOptions { MaxNewTokens = 12, EndIds = [], UseCache = useCache })];
        Assert.Equal(Continue(useCache: false), Continue(useCache: true));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(DType.BF16)]
    [InlineData(DType.F16)]
    public void A_model_that_was_asked_in_every_precision_is_saved_as_it_was(DType? dtype)
    {
        string source = Path.Combine(_folder, "source"), saved = Path.Combine(_folder, "saved"), again = Path.Combine(_folder, "again");
        TinyModels.SaveGpt(Directory.CreateDirectory(Path.Combine(_folder, "float32")).FullName);
        ModelConversion.Convert(Path.Combine(_folder, "float32"), source, Catalog.Backbones.All, new ConversionOptions { DType = dtype });
        InferenceModel asked = Pipelines.Open(source);
        int[][] Answers(Model model) =>
            [.. Enum.GetValues<Precision>().Select(precision => new TokenGenerator(model, precision).Stream([5, 6, 7], new GenerationOptions { MaxNewTokens = 8, EndIds = [] }).ToArray())];
        int[][] first = Answers(asked.Model);
        ModelFolder.Save(asked.Model, Catalog.Backbones.Get("gpt2"), saved);
        Assert.Equal(first, Answers(asked.Model));

        ModelFolder.Save(ModelFolder.Load(source, Catalog.Backbones.All).Model, Catalog.Backbones.Get("gpt2"), again);
        Assert.Equal(File.ReadAllBytes(Path.Combine(again, "model.safetensors")), File.ReadAllBytes(Path.Combine(saved, "model.safetensors")));
    }

    [Fact]
    public void Int8_vectors_of_a_real_model_have_the_angles_of_float32()
    {
        string shared = Path.Combine(Repository.Root, "..", "shared");
        string model = Path.Combine(shared, "models", "all-MiniLM-L6-v2");
        Assert.SkipUnless(Directory.Exists(model), "../shared has the model's weights, which are not part of the repository.");
        string[] texts = [.. File.ReadLines(Path.Combine(shared, "peers", "texts.jsonl")).Where((_, line) => line % 8 == 0).Select(line => JsonDocument.Parse(line).RootElement.GetString()!)];
        float[][] exact = Pipelines.SentenceEmbedder(model).Embed(texts);
        float[][] vectors = Pipelines.SentenceEmbedder(model, new InferenceOptions { Precision = Precision.Int8, TooLong = TooLong.Truncate }).Embed(texts);
        Assert.All(exact.Zip(vectors), pair => Assert.True(Cosine.Similarity(pair.First, pair.Second) >= 0.99));
    }
}
