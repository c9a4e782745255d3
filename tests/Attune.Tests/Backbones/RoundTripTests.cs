using Attune.Backbones;
using Attune.Backbones.Folders;
using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Tests.Architecture;
using Xunit;

namespace Attune.Tests.Backbones;

/// <summary>What is loaded and saved again is the same to the byte, for every reference case of a family of the catalog.</summary>
public sealed class RoundTripTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("attune-roundtrip-").FullName;

    public static TheoryData<string> Folders
    {
        get
        {
            string goldens = Path.Combine(Repository.Root, "tests", "Goldens");
            return [.. Directory.EnumerateFiles(goldens, "config.json", SearchOption.AllDirectories)
                .Where(path => File.Exists(Path.Combine(Path.GetDirectoryName(path)!, "model.safetensors"))
                    && JsonFields.Load(path) is var config && config.Has("architectures") && Catalog.Backbones.Find(config.String("model_type")) is not null)
                .Select(path => Path.GetRelativePath(goldens, Path.GetDirectoryName(path)!))
                .Order(StringComparer.Ordinal)];
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Folders))]
    public void Weights_keep_every_byte(string folder)
    {
        string path = Path.Combine(Repository.Root, "tests", "Goldens", folder);
        (_, IFamily family) = ModelFolder.ReadConfig(path, Catalog.Backbones.All);
        Model model = ModelFolder.Load(path, Catalog.Backbones.All).Model;
        ModelFolder.Save(model, family, _folder);
        using IWeightFile before = WeightFile.Open(path);
        using IWeightFile after = WeightFile.Open(_folder);
        foreach (StoredTensor stored in before.Tensors)
        {
            if (!after.TryGet(stored.Name, out StoredTensor? saved))
            {
                // What carries nothing of its own may be left out.
                Assert.True(WeightNames.IsRedundant(stored.Name, family), stored.Name);
                continue;
            }
            Assert.Equal(stored.Shape, saved.Shape);
            Assert.Equal(stored.ToFloat32(), saved.ToFloat32());
        }
        Assert.All(after.Tensors, saved => Assert.True(before.TryGet(saved.Name, out _), saved.Name));
        ModelFolder.Load(_folder, Catalog.Backbones.All);
    }
}
