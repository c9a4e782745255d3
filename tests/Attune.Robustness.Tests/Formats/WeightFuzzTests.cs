using Attune.Formats;
using Attune.Robustness.Tests.Fuzzing;
using Attune.Tests.Formats;
using Xunit;

namespace Attune.Robustness.Tests.Formats;

public sealed class WeightFuzzTests
{
    [Fact]
    public void DamagedSafetensorsAreRefusedCleanly()
    {
        string path = Path.GetTempFileName();
        SafetensorsWriter writer = new(SafetensorsWriter.TransformersMetadata);
        writer.Add("weight", [2, 3], new float[] { 1, 2, 3, 4, 5, 6 });
        writer.Add("ids", DType.I64, [1, 2], stream => stream.Write(new byte[16]));
        writer.Add("mask", DType.Bool, [3], stream => stream.Write([1, 0, 1]));
        writer.Save(path);
        byte[] seed = File.ReadAllBytes(path);
        File.Delete(path);
        ParserFuzzer.RunOnFile([seed], "model.safetensors", ReadAll);
    }

    [Fact]
    public void DamagedZipCheckpointsAreRefusedCleanly() =>
        ParserFuzzer.RunOnFile([TorchCheckpoints.Zip(), TorchCheckpoints.UnderModel()], "pytorch_model.bin", ReadAll);

    [Fact]
    public void DamagedLegacyCheckpointsAreRefusedCleanly() =>
        ParserFuzzer.RunOnFile([TorchCheckpoints.Legacy()], "pytorch_model.bin", ReadAll);

    [Fact]
    public void DamagedIndexesAreRefusedCleanly() => ParserFuzzer.RunOnFile(
        ["""{"metadata": {"total_size": 4}, "weight_map": {}}"""u8.ToArray()], "model.safetensors.index.json", ReadAll);

    private static void ReadAll(string path)
    {
        using IWeightFile file = WeightFile.Open(path);
        float sum = 0;
        foreach (StoredTensor tensor in file.Tensors) sum += tensor.DType is DType.F8E4M3 or DType.F8E5M2 ? 0 : tensor.ToFloat32().Sum();
        _ = sum;
    }
}
