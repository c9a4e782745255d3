using System.IO.Compression;
using System.Text;
using Attune.Formats;
using Xunit;

namespace Attune.Tests.Formats;

public sealed class PickleFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("zip")]
    [InlineData("legacy")]
    [InlineData("wrapped")]
    public void ReadsTensorsAndMakesViewsContiguous(string layout)
    {
        byte[] bytes = layout switch { "zip" => TorchCheckpoints.Zip(), "legacy" => TorchCheckpoints.Legacy(), _ => TorchCheckpoints.UnderModel() };
        using IWeightFile file = WeightFile.Open(_folder.Write("pytorch_model.bin", bytes));
        Assert.Equal(["weight", "transposed", "row", "ids", "half", "expanded", "scalar"], file.Tensors.Select(t => t.Name));
        Assert.Equal([2, 3], file.Get("weight").Shape.AsEnumerable());
        Assert.Equal([1f, 2, 3, 4, 5, 6], file.Get("weight").ToFloat32());
        Assert.Equal([3, 2], file.Get("transposed").Shape.AsEnumerable());
        Assert.Equal([1f, 4, 2, 5, 3, 6], file.Get("transposed").ToFloat32());
        Assert.Equal([4f, 5, 6], file.Get("row").ToFloat32());
        Assert.Equal([7, 8, 9], file.Get("ids").ToInt32());
        Assert.Equal([0.5f, -2f], file.Get("half").ToFloat32());
        Assert.Equal([2f, 3, 2, 3], file.Get("expanded").ToFloat32());
        Assert.Equal([6f], file.Get("scalar").ToFloat32());
        Assert.Empty(file.Get("scalar").Shape);
    }

    // {"epoch": 3, "model": {"net": {"w": ...}}}, and two dictionaries of tensors side by side.
    [Fact]
    public void WeightsFurtherDownAreFoundWhereNothingElseCouldBeMeant()
    {
        string state = "ccollections\nOrderedDict\n)RX\u0001\u0000\u0000\u0000wctorch._utils\n_rebuild_tensor_v2\n((X\u0007\u0000\u0000\u0000storagectorch\nFloatStorage\nX\u0001\u0000\u0000\u00000X\u0003\u0000\u0000\u0000cpuK\u0006tQK\u0000K\u0002\u0085K\u0001\u0085\u0089}tRs";
        byte[] one = TorchCheckpoints.Archive(Encoding.Latin1.GetBytes($"}}(U\u0005epochK\u0003U\u0005model}}U\u0003net{state}su."));
        using (IWeightFile file = WeightFile.Open(_folder.Write("one.bin", one)))
            Assert.Equal([1f, 2], file.Get("w").ToFloat32());
        byte[] two = TorchCheckpoints.Archive(Encoding.Latin1.GetBytes($"}}(U\u0001a{state}U\u0001b{state}u."));
        AttuneFormatException e = Refused(two);
        Assert.Contains("'a', 'b'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void APointerOfGitIsNamed() =>
        Assert.Contains("git lfs pull", Refused("version https://git-lfs.github.com/spec/v1\noid sha256:0\n"u8.ToArray()).Message, StringComparison.Ordinal);

    [Fact]
    public void AModelFolderIsReadThroughItsCheckpoint()
    {
        _folder.Write("pytorch_model.bin", TorchCheckpoints.Zip());
        using IWeightFile file = WeightFile.Open(_folder.Path);
        Assert.IsType<PickleFile>(file);
    }

    [Fact]
    public void NothingRuns()
    {
        AttuneFormatException e = Refused(TorchCheckpoints.RunsACommand());
        Assert.Contains("'posix.system'", e.Message, StringComparison.Ordinal);
        Assert.Contains("ever run", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cbuiltins\neval\n.", "builtins.eval")]
    [InlineData("\u0080\u0004\u008c\u0008builtins\u008c\u0004eval\u0093.", "builtins.eval")]
    [InlineData("c__builtin__\ngetattr\n(ctorch\nload\ntR.", "__builtin__.getattr")]
    [InlineData("(ios\nsystem\n.", "opcode 0x69")]
    [InlineData("}(K\u0001\u0081.", "opcode 0x81")]
    [InlineData("t.", "empty stack")]
    [InlineData("K\u0001a.", "stack")]
    [InlineData("h\u0005.", "memo 5")]
    [InlineData("X\u00ff\u00ff\u00ff\u007f.", "2147483647 bytes")]
    [InlineData("}", "0 more bytes")]
    [InlineData("}.", "no tensors")]
    [InlineData("K\u0001.", "no dictionary")]
    public void ProgramsThatAreNotDataAreRefused(string program, string named) =>
        Assert.Contains(named, Refused(TorchCheckpoints.Archive(Encoding.Latin1.GetBytes(program))).Message, StringComparison.Ordinal);

    [Fact]
    public void CompressedArchivesAreRefused() =>
        Assert.Contains("compressed", Refused(TorchCheckpoints.Archive(new byte[500], CompressionLevel.Optimal)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    [InlineData(300)]
    public void CutOffArchivesAreRefused(int length) => Refused(TorchCheckpoints.Zip()[..length]);

    [Fact]
    public void CutOffLegacyFilesAreRefused() => Assert.Contains("cut off", Refused(TorchCheckpoints.Legacy()[..^3]).Message, StringComparison.Ordinal);

    private AttuneFormatException Refused(byte[] bytes)
    {
        string path = _folder.Write("pytorch_model.bin", bytes);
        AttuneFormatException e = Assert.Throws<AttuneFormatException>(() => PickleFile.Open(path));
        Assert.Contains(path, e.Message, StringComparison.Ordinal);
        return e;
    }
}
