using Attune.Formats;
using Xunit;

namespace Attune.Tests.Formats;

public sealed class ShardedWeightFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private void Save(long maxShardBytes)
    {
        SafetensorsWriter writer = new(SafetensorsWriter.TransformersMetadata);
        writer.Add("c", [3], new float[] { 1, 2, 3 });
        writer.Add("a", [2], new float[] { 4, 5 });
        writer.Add("b", [1], new float[] { 6 });
        ShardedWeightFile.Save(_folder.Path, writer, maxShardBytes);
    }

    [Fact]
    public void SplitsAndReadsBack()
    {
        Save(maxShardBytes: 12);
        Assert.Equal(
            ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "model.safetensors.index.json"],
            Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(24, JsonFields.Load(_folder.File("model.safetensors.index.json")).Child("metadata").Long("total_size"));
        using IWeightFile file = WeightFile.Open(_folder.Path);
        Assert.Equal(["c", "a", "b"], file.Tensors.Select(t => t.Name));
        Assert.Equal([4f, 5f], file.Get("a").ToFloat32());
        Assert.Equal([KeyValuePair.Create("format", "pt")], file.Metadata);
    }

    [Fact]
    public void WhatFitsIntoOneShardIsOneFileAndReplacesTheOthers()
    {
        Save(maxShardBytes: 12);
        Save(maxShardBytes: 1000);
        Assert.False(File.Exists(_folder.File("model.safetensors.index.json")));
        using IWeightFile single = WeightFile.Open(_folder.Path);
        Assert.IsType<SafetensorsFile>(single);
        single.Dispose();
        Save(maxShardBytes: 4);
        Assert.False(File.Exists(_folder.File("model.safetensors")));
        using IWeightFile shards = WeightFile.Open(_folder.Path);
        Assert.Equal(3, shards.Tensors.Count);
    }

    [Fact]
    public void MissingShardsAreNamed()
    {
        Save(maxShardBytes: 12);
        File.Delete(_folder.File("model-00002-of-00002.safetensors"));
        AttuneFormatException e = Assert.Throws<AttuneFormatException>(() => WeightFile.Open(_folder.Path));
        Assert.Contains("model-00002-of-00002.safetensors", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MissingTensorsAreNamed()
    {
        Save(maxShardBytes: 12);
        string index = _folder.File("model.safetensors.index.json");
        File.WriteAllText(index, File.ReadAllText(index).Replace("\"a\"", "\"other\"", StringComparison.Ordinal));
        AttuneFormatException e = Assert.Throws<AttuneFormatException>(() => WeightFile.Open(index));
        Assert.Contains("other (in model-00002-of-00002.safetensors)", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../secret.safetensors")]
    [InlineData("/etc/passwd")]
    [InlineData("")]
    [InlineData("..")]
    public void ShardsOutsideOfTheFolderAreRefused(string name)
    {
        string index = _folder.Write("model.safetensors.index.json", "{\"weight_map\": {\"a\": \"" + name + "\"}}");
        Assert.Contains("plain file name", Assert.Throws<AttuneFormatException>(() => WeightFile.Open(index)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AFolderWithoutWeightsIsNamed() =>
        Assert.Contains("model.safetensors", Assert.Throws<AttuneFormatException>(() => WeightFile.Open(_folder.Path)).Message, StringComparison.Ordinal);
}
