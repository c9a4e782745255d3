using Attune.Backbones.Folders;
using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Tests.Architecture;
using Xunit;

namespace Attune.Tests.Backbones;

/// <summary>Folders of every family, written anew in every layout, keep every byte of every weight.</summary>
public sealed class ModelConversionTests : IDisposable
{
    private static readonly string Goldens = Path.Combine(Repository.Root, "tests", "Goldens");

    private readonly string _folder = Directory.CreateTempSubdirectory("attune-convert").FullName;

    /// <summary>One golden model of each family that has them in the layout of the transformers library.</summary>
    /// <remarks>head_pruning is no family: its class stands in its case alone.</remarks>
    public static TheoryData<string> Families => [.. Directory.GetDirectories(Goldens)
        .Where(family => Path.GetFileName(family) != "head_pruning")
        .Select(family => Directory.GetDirectories(family).Order(StringComparer.Ordinal).FirstOrDefault(IsModel))
        .OfType<string>()
        .Select(model => Path.GetRelativePath(Goldens, model).Replace(Path.DirectorySeparatorChar, '/'))];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Families))]
    public void EveryLayoutKeepsEveryByte(string model)
    {
        string source = Path.Combine(Goldens, model);
        string torch = Path.Combine(_folder, "torch"), shards = Path.Combine(_folder, "shards"), back = Path.Combine(_folder, "back");
        Convert(source, torch, new ConversionOptions { Layout = WeightLayoutOnDisk.PyTorch });
        Convert(torch, shards, new ConversionOptions { ShardBytes = 2000 });
        Convert(shards, back, new ConversionOptions());
        Assert.True(File.Exists(Path.Combine(torch, "pytorch_model.bin")));
        Assert.True(Directory.GetFiles(shards, "model-*-of-*.safetensors").Length > 1);
        using IWeightFile first = WeightFile.Open(source), last = WeightFile.Open(back);
        Assert.NotEmpty(last.Tensors);
        foreach (StoredTensor tensor in last.Tensors)
        {
            Assert.True(first.TryGet(tensor.Name, out StoredTensor? original), tensor.Name);
            Assert.Equal(original.DType, tensor.DType);
            Assert.Equal(original.Shape.AsEnumerable(), tensor.Shape.AsEnumerable());
            Assert.True(original.Bytes.SequenceEqual(tensor.Bytes), tensor.Name);
        }
        Assert.Equal(File.ReadAllBytes(Path.Combine(source, "config.json")), File.ReadAllBytes(Path.Combine(back, "config.json")));
    }

    [Fact]
    public void HalfTheBytesAreTheNearestNumbers()
    {
        string half = Path.Combine(_folder, "half");
        Convert(Bert("mlm"), half, new ConversionOptions { DType = DType.BF16 });
        using IWeightFile exact = WeightFile.Open(Bert("mlm")), rounded = WeightFile.Open(half);
        foreach (StoredTensor tensor in rounded.Tensors)
        {
            Assert.Equal(DType.BF16, tensor.DType);
            foreach ((float a, float b) in exact.Get(tensor.Name).ToFloat32().Zip(tensor.ToFloat32()))
                Assert.True(Math.Abs(a - b) <= Math.Abs(a) / 256, $"{tensor.Name}: {a} became {b}");
        }
        Assert.Equal("bfloat16", JsonFields.Load(Path.Combine(half, "config.json")).Raw("torch_dtype")?.GetValue<string>()
            ?? JsonFields.Load(Path.Combine(half, "config.json")).String("dtype"));
    }

    [Fact]
    public void ANewHeadIsMadeOnlyWhereItIsAskedFor()
    {
        ConversionOptions options = new() { Architecture = "BertForSequenceClassification", Labels = ["a", "b", "c"] };
        string target = Path.Combine(_folder, "areas");
        AttuneFormatException refused = Assert.Throws<AttuneFormatException>(() => Convert(Bert("mlm"), target, options));
        Assert.Contains("classifier.weight [3, 32]", refused.Message, StringComparison.Ordinal);
        Assert.Contains("--init-missing", refused.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(target));

        ConvertedModel made = Convert(Bert("mlm"), target, options with { InitializeMissing = true });
        Assert.Equal(["bert.pooler.dense.weight", "bert.pooler.dense.bias", "classifier.weight", "classifier.bias"], made.Initialized);
        LoadedModel loaded = ModelFolder.Load(target, Catalog.Backbones.All);
        Assert.True(loaded.Model.HasHead(HeadKind.SequenceClassification));
        Assert.Equal(["a", "b", "c"], ModelFolder.LabelNames(ModelFolder.ReadConfig(target, Catalog.Backbones.All).Config));
    }

    [Theory]
    [InlineData("module.")]
    [InlineData("module._orig_mod.")]
    [InlineData("model.")]
    [InlineData("")]
    public void OtherNamesOfTheSameTensorsAreKnown(string wrapper)
    {
        // As in the first published BERT files: the names of norms are TensorFlow's, and there is a head more than config.json speaks of.
        string source = Renamed(Bert("mlm"), "others", name => wrapper + name
            .Replace("LayerNorm.weight", "LayerNorm.gamma", StringComparison.Ordinal).Replace("LayerNorm.bias", "LayerNorm.beta", StringComparison.Ordinal), wrapper + "cls.seq_relationship.bias");
        string target = Path.Combine(_folder, "usual");
        Assert.Equal([wrapper + "cls.seq_relationship.bias"], Convert(source, target, new ConversionOptions()).Dropped);
        using IWeightFile original = WeightFile.Open(Bert("mlm")), written = WeightFile.Open(target);
        Assert.Equal(original.Tensors.Select(t => t.Name).Order(StringComparer.Ordinal), written.Tensors.Select(t => t.Name).Order(StringComparer.Ordinal));
        Assert.All(written.Tensors, t => Assert.True(original.Get(t.Name).Bytes.SequenceEqual(t.Bytes), t.Name));
    }

    [Fact]
    public void ATensorThatNoArchitectureOfTheFamilyHasIsRefused()
    {
        string source = Renamed(Bert("mlm"), "foreign", name => name, "bert.adapter.weight");
        Assert.Contains("unexpected: bert.adapter.weight", Assert.Throws<AttuneFormatException>(
            () => Convert(source, Path.Combine(_folder, "out"), new ConversionOptions())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AMissingBodyIsNeverMadeUp()
    {
        string damaged = Path.Combine(_folder, "damaged");
        Directory.CreateDirectory(damaged);
        File.Copy(Path.Combine(Bert("mlm"), "config.json"), Path.Combine(damaged, "config.json"));
        var writer = new SafetensorsWriter(SafetensorsWriter.TransformersMetadata);
        using (IWeightFile weights = WeightFile.Open(Bert("mlm")))
        {
            foreach (StoredTensor tensor in weights.Tensors.Where(t => !t.Name.Contains("layer.0.attention.self.query", StringComparison.Ordinal)))
                writer.Add(tensor);
            writer.Save(Path.Combine(damaged, "model.safetensors"));
        }
        AttuneFormatException refused = Assert.Throws<AttuneFormatException>(
            () => Convert(damaged, Path.Combine(_folder, "out"), new ConversionOptions { InitializeMissing = true }));
        Assert.Contains("layer.0.attention.self.query.weight", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AFolderThatHoldsSomethingIsLeftAlone()
    {
        File.WriteAllText(Path.Combine(_folder, "mine.txt"), "mine");
        Assert.Throws<InvalidOperationException>(() => Convert(Bert("mlm"), _folder, new ConversionOptions()));
        Assert.Equal(["mine.txt"], Directory.GetFiles(_folder).Select(Path.GetFileName));
    }

    private string Renamed(string model, string folder, Func<string, string> rename, string more)
    {
        string copy = Path.Combine(_folder, folder);
        Directory.CreateDirectory(copy);
        File.Copy(Path.Combine(model, "config.json"), Path.Combine(copy, "config.json"));
        var writer = new SafetensorsWriter(SafetensorsWriter.TransformersMetadata);
        using IWeightFile weights = WeightFile.Open(model);
        foreach (StoredTensor tensor in weights.Tensors)
            writer.Add(tensor, rename(tensor.Name));
        writer.Add(weights.Tensors[0], more);
        writer.Save(Path.Combine(copy, "model.safetensors"));
        return copy;
    }

    private static bool IsModel(string folder)
    {
        string config = Path.Combine(folder, "config.json");
        return File.Exists(config) && File.Exists(Path.Combine(folder, "model.safetensors"))
            && JsonFields.Load(config) is var fields && fields.Has("model_type")
            && Catalog.Backbones.All.Any(family => family.ModelType == fields.String("model_type"));
    }

    private static string Bert(string name) => Path.Combine(Goldens, "bert", name);

    private static ConvertedModel Convert(string source, string destination, ConversionOptions options) =>
        ModelConversion.Convert(source, destination, Catalog.Backbones.All, options);
}
